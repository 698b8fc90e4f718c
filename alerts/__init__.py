"""Story events to alerts, and alerts to deliveries: the stages `alerts` and `deliver`."""
