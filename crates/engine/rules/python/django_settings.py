import os

# ruleid: python-django-debug
DEBUG = True
# ok: python-django-debug
DEBUG = os.environ.get("DEBUG") == "1"
# ruleid: python-django-insecure-setting
SESSION_COOKIE_SECURE = False
# ok: python-django-insecure-setting
SESSION_COOKIE_SECURE = True
# ruleid: python-django-any-host
ALLOWED_HOSTS = ["*"]
# ok: python-django-any-host
ALLOWED_HOSTS = ["shop.example.com"]
