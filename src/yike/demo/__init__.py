"""The demonstration city: a real administrative tree carrying made-up streets, homes and outlets (演示数据).

`write` puts the ordinary input files of a city into a folder; `study_of` makes the study of such a folder. A city is
a folder of facts beside this file (``jincheng/``).
"""

from yike.demo.write import FILES, Summary, write
from yike.study.city import study_of

__all__ = ["FILES", "Summary", "study_of", "write"]
