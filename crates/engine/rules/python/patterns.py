import hashlib
import os
import random
import secrets
import shutil
import ssl
import tarfile
import tempfile

import jinja2
import jwt
import paramiko
import requests
import yaml
from Crypto.Cipher import AES, DES
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import modes
from fastapi.middleware.cors import CORSMiddleware
from lxml import etree


def config(stream):
    # ruleid: python-unsafe-yaml-load
    yaml.load(stream)
    # ruleid: python-unsafe-yaml-load
    yaml.load(stream, Loader=yaml.UnsafeLoader)
    # ok: python-unsafe-yaml-load
    yaml.safe_load(stream)
    # ok: python-unsafe-yaml-load
    yaml.load(stream, Loader=yaml.CSafeLoader)


def parse(document):
    # ruleid: python-xxe
    etree.fromstring(document, etree.XMLParser(resolve_entities=True))
    # ok: python-xxe
    etree.fromstring(document, etree.XMLParser(resolve_entities=False))


def digest(data, password):
    # ruleid: python-weak-hash
    hashlib.md5(data)
    # ruleid: python-weak-hash
    hashlib.new("sha1", data)
    # ok: python-weak-hash
    hashlib.md5(data, usedforsecurity=False)
    # ok: python-weak-hash
    etag = hashlib.sha1(data).hexdigest()
    # ok: python-weak-hash, python-weak-password-hash
    hashlib.sha256(data)
    # ruleid: python-weak-password-hash
    hashlib.sha256(password.encode())
    # ok: python-weak-password-hash
    hashlib.scrypt(password.encode(), salt=os.urandom(16), n=16384, r=8, p=1)


def encrypt(key):
    # ruleid: python-weak-cipher
    DES.new(key)
    # ruleid: python-weak-cipher
    AES.new(key, AES.MODE_ECB)
    # ruleid: python-weak-cipher
    modes.ECB()
    # ok: python-weak-cipher
    AES.new(key, AES.MODE_GCM)


def keys():
    # ruleid: python-weak-key-size
    RSA.generate(1024)
    # ruleid: python-weak-key-size
    rsa.generate_private_key(public_exponent=65537, key_size=1024)
    # ok: python-weak-key-size
    RSA.generate(3072)


def tokens():
    # ruleid: python-insecure-random
    reset_token = "".join(random.choice("abcdef") for _ in range(20))
    # ok: python-insecure-random
    reset_token = secrets.token_urlsafe(20)
    # ok: python-insecure-random
    colour = random.choice(["red", "green"])
    return reset_token, colour


# ruleid: python-hardcoded-secret
DB_PASSWORD = "hunter2-and-more"
# ruleid: python-hardcoded-secret
connect(host="db", password="s3cr3t-p4ss!")
# ok: python-hardcoded-secret
DB_PASSWORD = os.environ["DB_PASSWORD"]
# ok: python-hardcoded-secret
API_KEY = "your-api-key-here"
# ok: python-hardcoded-secret
PASSWORD_FIELD = "password_confirmation"


def call(url):
    # ruleid: python-tls-verification-off
    requests.get(url, verify=False)
    context = ssl.create_default_context()
    # ruleid: python-tls-verification-off
    context.check_hostname = False
    # ruleid: python-tls-verification-off
    context.verify_mode = ssl.CERT_NONE
    # ok: python-tls-verification-off
    requests.get(url, verify="/etc/ssl/private-ca.pem")
    # ruleid: python-weak-tls-version
    old = ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    # ok: python-weak-tls-version
    new = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return old, new


def shell():
    client = paramiko.SSHClient()
    # ruleid: python-ssh-host-key-unchecked
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    # ok: python-ssh-host-key-unchecked
    client.set_missing_host_key_policy(paramiko.RejectPolicy())


def claims(token, key):
    # ruleid: python-jwt-unverified
    jwt.decode(token, options={"verify_signature": False})
    # ruleid: python-jwt-hardcoded-secret
    jwt.encode({"sub": 1}, "not-so-secret", algorithm="HS256")
    # ok: python-jwt-unverified, python-jwt-hardcoded-secret
    jwt.decode(token, key, algorithms=["HS256"])


def serve(app, debug):
    # ruleid: python-flask-debug
    app.run(host="127.0.0.1", debug=True)
    # ok: python-flask-debug
    app.run(host="127.0.0.1", debug=debug)


# ruleid: python-csrf-disabled
@csrf_exempt
def pay(request):
    pass


# ok: python-csrf-disabled
@csrf_protect
def refund(request):
    pass


def files(path):
    # ruleid: python-world-writable
    os.chmod(path, 0o777)
    # ok: python-world-writable
    os.chmod(path, 0o640)
    # ruleid: python-insecure-tempfile
    name = tempfile.mktemp()
    # ok: python-insecure-tempfile
    name = tempfile.mkstemp()
    with tarfile.open(path) as tar:
        # ruleid: python-archive-traversal
        tar.extractall("/srv")
    with tarfile.open(path) as tar:
        # ok: python-archive-traversal
        tar.extractall("/srv", filter="data")


def web(app, response):
    # ruleid: python-insecure-cookie
    response.set_cookie("session", "1", secure=False)
    # ok: python-insecure-cookie
    response.set_cookie("session", "1", secure=True, httponly=True)
    # ruleid: python-template-autoescape-off
    jinja2.Environment(autoescape=False)
    # ok: python-template-autoescape-off
    jinja2.Environment(autoescape=True)
    # ruleid: python-cors-any-origin
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
    # ok: python-cors-any-origin
    app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"], allow_credentials=True)
