"""Vietnamese numbers: 30.678 and 38,49. Django's own Vietnamese formats do not group digits."""

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3
