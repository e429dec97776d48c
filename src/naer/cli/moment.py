"""A point in time on the command line."""

import click

from naer.events.instant import ZONES, Instant, parse


class Moment(click.ParamType[Instant]):
    """ISO 8601, in Danish time when no offset is given; becomes microseconds since the epoch."""

    name = "TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Instant:
        """The instant that the text names."""
        if isinstance(value, int):
            return value
        try:
            return parse(str(value), ZONES["DK"])
        except ValueError as error:
            self.fail(str(error), param, ctx)


MOMENT = Moment()
