"""Laws are tried on many examples; how long one takes is not the law."""

from hypothesis import HealthCheck, settings

settings.register_profile("laws", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("laws")
