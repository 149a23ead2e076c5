"""massivesms web"""

from __future__ import annotations

from importlib import import_module

import click

from .context import Context, pass_context


@click.command()
@pass_context
def web(context: Context) -> None:
    """Serve the web module on [web] listen."""
    # By name: the service never imports the web module, it only starts it.
    import_module("massivesms_web.serve").serve(context.config)
