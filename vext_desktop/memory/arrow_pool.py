"""What Arrow's own memory pool has given out."""

import sys


def arrow_pool_bytes() -> int:
    """Bytes in use in Arrow's own memory pool; 0 while pyarrow is not loaded.

    A pool that lies on malloc is counted there already. LanceDB's Rust side does not use it.
    """
    create_pool = getattr(sys.modules.get("pyarrow"), "default_memory_pool", None)
    if create_pool is None:
        return 0
    pool = create_pool()
    return 0 if pool.backend_name == "system" else int(pool.bytes_allocated())
