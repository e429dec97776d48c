"""Options that several commands share."""

import click

database = click.option(
    "--database",
    metavar="URL",
    envvar="NAER_DATABASE",
    help="Database URL, as sqlite:///var/naer.sqlite3 or postgresql://user@host/naer.",
)
"""`--database URL`; None when neither the option nor NAER_DATABASE is given."""
