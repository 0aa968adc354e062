from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for everything, also for the modules that a module imports."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # a pass for each level of imports; more than 20 levels would be a circle
