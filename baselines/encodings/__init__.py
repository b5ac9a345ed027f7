"""How texts are written for a network. The trade-off: what a network reads best is not what a person reads.

So a model encodes what it reads, and decodes what it writes back to plain text. Of `-3.14+1200`:

| name | tokens | lost | file |
|---|---|---|---|
| plain | `-3.14+1200` | nothing | |
| reversed | `-41.3+0021` | nothing | `reversal` |
| zero-padded | `-0003.14+1200` | needless zeros | `padding` |
| reversed-padded | `-41.3000+0021` | needless zeros | both |
| base-B | `-3.14+` 1 200 (base 1000) | nothing | `bases` |
| prefix | `+ FLOAT- 3.14 10^ INT+ 0 INT+ 1200` | needless brackets | `prefix` |
| p10 | - 3 1 4 E-2 `+` + 1 2 0 E1 | all but 3 digits | `floating` |
| p1000 | - 314 E-2 `+` + 120 E1 | all but 3 digits | `floating` |
| b1999 | -314 E-2 `+` 120 E1 | all but 3 digits | `floating` |
| fp15 | -314E-2 `+` 120E1 | all but 3 digits | `floating` |
| xval | VALUE `+` VALUE, each times its value | all but 7 digits | `xval` |
"""

from enigmath.baselines.encodings.encoding import ENCODINGS, LOSSLESS, Encoding, learn, require_encoding
from enigmath.baselines.encodings.padding import pad, strip
from enigmath.baselines.encodings.reversal import reverse
from enigmath.baselines.encodings.texts import Bytes, Flags, Integers, Symbols, Texts, from_arrow, to_strings

__all__ = [
    "ENCODINGS",
    "LOSSLESS",
    "Bytes",
    "Encoding",
    "Flags",
    "Integers",
    "Symbols",
    "Texts",
    "from_arrow",
    "learn",
    "pad",
    "require_encoding",
    "reverse",
    "strip",
    "to_strings",
]
