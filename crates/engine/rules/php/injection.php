<?php

function users($db, $mysqli) {
    $name = $_GET['name'];
    // ruleid: php-sql-injection
    mysqli_query($mysqli, "SELECT * FROM users WHERE name = '" . $name . "'");
    // ruleid: php-sql-injection, php-sql-string-building
    $db->query("SELECT * FROM users WHERE name = '$name'");
    // ok: php-sql-injection
    $statement = $db->prepare("SELECT * FROM users WHERE name = ?");
    // ok: php-sql-injection
    mysqli_query($mysqli, "SELECT * FROM users WHERE id = " . intval($_GET['id']));
}

function orders($request) {
    // ruleid: php-sql-injection
    DB::select("SELECT * FROM orders WHERE status = '" . $request->input('status') . "'");
    // ok: php-sql-injection
    DB::select("SELECT * FROM orders WHERE status = ?", [$request->input('status')]);
    // ok: php-sql-injection
    $page = $request->query($request->input('page_name'));
}

function ping() {
    // ruleid: php-command-injection
    system("ping -c 1 " . $_POST['host']);
    // ok: php-command-injection
    system("ping -c 1 " . escapeshellarg($_POST['host']));
}

function calc() {
    // ruleid: php-code-injection
    eval($_POST['code']);
    // ruleid: php-code-injection
    call_user_func($_GET['action']);
    // ok: php-code-injection
    call_user_func('home', $_GET['action']);
}

function page($twig) {
    // ruleid: php-file-inclusion
    include 'pages/' . $_GET['page'] . '.php';
    // ok: php-file-inclusion
    include 'pages/home.php';
    // ruleid: php-template-injection
    $twig->createTemplate($_POST['template']);
    // ok: php-template-injection
    $twig->render('page.html', ['name' => $_POST['name']]);
}

function load() {
    // ruleid: php-unsafe-deserialization
    $state = unserialize($_COOKIE['state']);
    // ok: php-unsafe-deserialization
    $state = unserialize($_COOKIE['state'], ['allowed_classes' => false]);
    // ok: php-unsafe-deserialization
    $state = json_decode($_COOKIE['state']);
}

function download() {
    // ruleid: php-path-traversal
    readfile('/srv/files/' . $_GET['name']);
    // ok: php-path-traversal
    readfile('/srv/files/' . basename($_GET['name']));
}

function preview($handle) {
    // ruleid: php-ssrf
    $page = file_get_contents($_GET['url']);
    // ruleid: php-ssrf
    curl_setopt($handle, CURLOPT_URL, $_GET['url']);
    // ok: php-ssrf
    $body = json_decode(file_get_contents('php://input'), true);
    // ok: php-ssrf
    $page = file_get_contents('https://api.example.com/?id=' . urlencode($_GET['id']));
}

function hello() {
    // ruleid: php-xss
    echo "<h1>Hello " . $_GET['name'] . "</h1>";
    // ok: php-xss
    echo "<h1>Hello " . htmlspecialchars($_GET['name']) . "</h1>";
    // ruleid: php-open-redirect
    header("Location: " . $_GET['next']);
    // ok: php-open-redirect
    header("Location: /home");
}

function people($conn, $xml, $users) {
    // ruleid: php-ldap-injection
    ldap_search($conn, "dc=example", "(uid=" . $_GET['name'] . ")");
    // ok: php-ldap-injection
    ldap_search($conn, "dc=example", "(uid=" . ldap_escape($_GET['name'], "", LDAP_ESCAPE_FILTER) . ")");
    // ruleid: php-xpath-injection
    $xml->xpath("//user[@name='" . $_GET['name'] . "']");
    // ok: php-xpath-injection
    $xml->xpath("//user");
    // ruleid: php-nosql-injection
    $users->findOne(['name' => $_POST['name']]);
    // ok: php-nosql-injection
    $users->findOne(['name' => (string) $_POST['name']]);
    // ruleid: php-variable-injection
    extract($_POST);
    // ok: php-variable-injection
    extract(['a' => 1]);
}

function upload() {
    // ruleid: php-unsafe-upload
    move_uploaded_file($_FILES['avatar']['tmp_name'], '/srv/uploads/' . $_FILES['avatar']['name']);
    // ok: php-unsafe-upload
    move_uploaded_file($_FILES['avatar']['tmp_name'], '/srv/uploads/' . bin2hex(random_bytes(16)));
}
