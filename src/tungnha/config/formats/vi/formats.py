"""Vietnamese numbers and dates: 30.678, 38,49, 01/09/2026. Django's own Vietnamese formats do not group digits, and write dates with hyphens."""

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3
SHORT_DATE_FORMAT = "d/m/Y"
