"""The process that hands one message to Apprise: the parcel on standard input, the outcome as exit status."""

import sys

import msgspec

from alerts.channels.apprise import ACCEPTED, NO_SERVICE, NOT_INSTALLED, NOT_TAKEN, Parcel


def main() -> int:
    """See `alerts.channels.apprise` for the statuses."""
    parcel = msgspec.json.decode(sys.stdin.buffer.read(), type=Parcel)
    try:
        import apprise
    except ModuleNotFoundError:
        return NOT_INSTALLED
    service = apprise.Apprise()
    if not service.add(parcel.url):
        return NO_SERVICE
    taken = service.notify(title=parcel.title, body=parcel.body, body_format=apprise.NotifyFormat.TEXT)
    return ACCEPTED if taken else NOT_TAKEN


if __name__ == "__main__":
    sys.exit(main())
