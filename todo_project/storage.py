from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for everything, also for the modules that a module imports."""

    support_js_module_import_aggregation = True
