"""How everything stands - lanes, feeds, channels, model, disk - and what is wrong."""
