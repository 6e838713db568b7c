"""Losses for demand forecasting: running out of stock costs more than keeping some in store."""

import symloss
from symloss import NonNegative, Piecewise, Positive, Real, loss, named, parameter


@loss(
    task="regression", cite="Newey and Powell 1987", metrics=("service level", "mean absolute scaled error")
)
def demand(prediction: Real, target: NonNegative, *, shortage_cost: Positive = 4, holding_cost: Positive = 1):
    """A squared error that costs more where the forecast falls short of the demand.

    The best constant forecast is an expectile of the demand, above the mean when shortage_cost > holding_cost.
    """
    shortfall = named("shortfall", target - prediction)
    return Piecewise((shortage_cost * shortfall**2, shortfall > 0), (holding_cost * shortfall**2, True)) / 2


demand_with_penalty = demand + parameter("lam", NonNegative, 0.01) * symloss.get("l2_penalty")
