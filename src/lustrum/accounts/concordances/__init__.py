"""Concordances shipped with the package: from lists of sectors to needs (COICOP) and to kinds of assets.

Everything stands on the 88 divisions of ISIC rev. 4 (NACE rev. 2 and CPA 2.1 have the same): `isic4_needs.csv`
says which needs a division's products serve, `isic4_divisions.csv` how much households spend on them (weights, for
sectors that cover several divisions: billion pounds in the United Kingdom, 2019, ONS supply and use tables,
rounded) and which kind of asset they are when they are invested. `lists.csv` names the divisions of other lists.
BEA's two lists have need shares of their own, those of the embedded economies us-2019 and us-2019-16.
"""

from lustrum.accounts.concordances.classify import Classified, classify
from lustrum.accounts.concordances.shares import ASSETS, asset_of, need_names, need_shares

__all__ = ["ASSETS", "Classified", "asset_of", "classify", "need_names", "need_shares"]
