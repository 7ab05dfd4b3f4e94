"""What a call cost: prices, published or the operator's own, times what a provider says that it counted.

rates.py      prices of one model, and the arithmetic
published.py  the only file that knows genai-prices
prices.py     which prices are those of this call
"""
