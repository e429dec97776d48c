"""What a length or a limit is counted in, as numbers that compiled code compares."""

AT_ONCE, ELAPSED, DAYS, MONTHS, WORKING_HOURS, WORKING_DAYS, CLOCK, WORKING_CLOCK = range(8)
"""AT_ONCE also stands for "none given". From CLOCK on the amount is a day and the minute stands apart."""
