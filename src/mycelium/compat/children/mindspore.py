"""What `import mindspore` finds in a process started by one that runs on Mycelium (a spawned worker, say)."""

import sys

from mycelium.compat import install_as_mindspore, resolve

install_as_mindspore()
sys.modules[__name__] = resolve(__name__)
