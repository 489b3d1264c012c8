<?php

function report($db, $since) {
    // ruleid: php-sql-string-building
    $db->query("SELECT * FROM orders WHERE day > '$since'");
    // ok: php-sql-string-building
    $db->query("SELECT * FROM orders");
    // ruleid: php-preg-replace-eval
    preg_replace('/(.*)/e', 'strtoupper("\\1")', $since);
    // ok: php-preg-replace-eval
    preg_replace('/(.*)/i', 'x', $since);
}

function parse($text, $doc) {
    // ruleid: php-xxe
    $doc->loadXML($text, LIBXML_NOENT | LIBXML_DTDLOAD);
    // ok: php-xxe
    $doc->loadXML($text, LIBXML_NONET);
}

function digest($data, $password) {
    // ruleid: php-weak-hash
    md5($token);
    // ok: php-weak-hash
    sha1($cacheKey);
    // ok: php-weak-hash, php-weak-password-hash
    hash('sha256', $data);
    // ruleid: php-weak-password-hash
    hash('sha256', $password);
    // ok: php-weak-password-hash
    hash('sha256', $user->getEmailForPasswordReset());
    // ok: php-weak-password-hash
    password_hash($password, PASSWORD_DEFAULT);
    // ruleid: php-weak-cipher
    openssl_encrypt($data, 'des-ede3-cbc', $key);
    // ruleid: php-weak-cipher
    openssl_encrypt($data, 'aes-128-ecb', $key);
    // ok: php-weak-cipher
    openssl_encrypt($data, 'aes-256-gcm', $key, 0, $iv, $tag);
    // ruleid: php-weak-key-size
    openssl_pkey_new(['private_key_bits' => 1024, 'private_key_type' => OPENSSL_KEYTYPE_RSA]);
    // ok: php-weak-key-size
    openssl_pkey_new(['private_key_bits' => 3072]);
}

function tokens() {
    // ruleid: php-insecure-random
    $resetToken = mt_rand();
    // ok: php-insecure-random
    $resetToken = bin2hex(random_bytes(20));
    // ok: php-insecure-random
    $dice = mt_rand(1, 6);
}

// ruleid: php-hardcoded-secret
$dbPassword = "hunter2-and-more";
// ruleid: php-hardcoded-secret
define('API_KEY', 'k3y-0f-pr0duction');
// ok: php-hardcoded-secret
$dbPassword = getenv('DB_PASSWORD');
// ok: php-hardcoded-secret
$apiKey = "your-api-key";
// ok: php-hardcoded-secret
$rules = ['password' => 'required|string|max:255'];
// ok: php-hardcoded-secret
$texts = ['password' => 'Wachtwoord'];
// ruleid: php-hardcoded-secret
$login = ['password' => 'hunter2-and-more'];

function call($handle) {
    // ruleid: php-tls-verification-off
    curl_setopt($handle, CURLOPT_SSL_VERIFYPEER, false);
    // ok: php-tls-verification-off
    curl_setopt($handle, CURLOPT_SSL_VERIFYPEER, true);
}

function claims($token, $key) {
    // ruleid: php-jwt-hardcoded-secret
    JWT::encode(['sub' => 1], 'not-so-secret', 'HS256');
    // ruleid: php-jwt-unverified
    JWT::encode(['sub' => 1], $key, 'none');
    // ok: php-jwt-hardcoded-secret, php-jwt-unverified
    JWT::decode($token, new Key($key, 'HS256'));
}

function debug() {
    // ruleid: php-debug-enabled
    phpinfo();
    // ruleid: php-debug-enabled
    ini_set('display_errors', 1);
    // ok: php-debug-enabled
    ini_set('display_errors', 0);
}

// ruleid: php-csrf-disabled
class VerifyCsrfToken extends Middleware {
    protected $except = ['*'];
}

// ok: php-csrf-disabled
class VerifySomeToken extends Middleware {
    protected $except = ['hooks/payment'];
}

function web($value, $given) {
    // ruleid: php-insecure-cookie
    setcookie('session', $value, ['httponly' => false]);
    // ok: php-insecure-cookie
    setcookie('session', $value, ['httponly' => true, 'secure' => true]);
    // ruleid: php-cors-any-origin
    header("Access-Control-Allow-Origin: *");
    // ok: php-cors-any-origin
    header("Access-Control-Allow-Origin: https://app.example.com");
    // ruleid: php-loose-hash-comparison
    $same = hash('sha256', $value) == $given;
    // ok: php-loose-hash-comparison
    $same = hash_equals(hash('sha256', $value), $given);
    // ruleid: php-world-writable
    chmod('/srv/file', 0777);
    // ok: php-world-writable
    chmod('/srv/file', 0640);
}
