"""Cipher suites and curves of TLS 1.2 that cases speak of (rfc7540 9.2.2 and its Appendix A)."""

SUITES = {
    f"TLS_{exchange}_WITH_{cipher}": f"{prefix}{name}"
    for exchange, prefix in {
        "RSA": "",
        "DHE_RSA": "DHE-RSA-",
        "ECDHE_RSA": "ECDHE-RSA-",
        "ECDHE_ECDSA": "ECDHE-ECDSA-",
    }.items()
    for cipher, name in {
        "AES_128_CBC_SHA": "AES128-SHA",
        "AES_256_CBC_SHA": "AES256-SHA",
        "AES_128_GCM_SHA256": "AES128-GCM-SHA256",
        "AES_256_GCM_SHA384": "AES256-GCM-SHA384",
    }.items()
}
"""Their names in the registry of TLS, and what OpenSSL calls them."""

CURVES = {"secp256r1": "prime256v1", "x25519": "X25519"}
"""The same of curves."""
