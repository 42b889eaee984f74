"""Why an order is not carried out."""


class RefusedOrderError(Exception):
    """An order that cannot be carried out; says why, in users' words."""
