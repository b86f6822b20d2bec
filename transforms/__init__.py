"""How one number becomes another: kernels, and the dbt project around them.

Importing this package, and so any kernel, first tells numba where compiled code of these very sources is kept.
"""

from transforms.kernel_cache import use_kernel_cache
from warehouse.home import Home

use_kernel_cache(Home.from_environment())
