package samples;

import java.io.*;
import java.security.*;
import java.util.Random;
import javax.crypto.*;
import javax.crypto.spec.*;
import javax.net.ssl.*;
import javax.xml.parsers.*;

class Patterns {
  void report(Statement statement, String table) throws Exception {
    // ruleid: java-sql-string-building
    statement.executeQuery(String.format("SELECT * FROM %s", table));
    String sql = "SELECT * FROM reports WHERE title = '" + table + "'";
    // ruleid: java-sql-string-building
    statement.executeQuery(sql);
    // ok: java-sql-string-building
    statement.executeQuery("SELECT a FROM t " + "WHERE day > 1");
    // ok: java-sql-string-building
    statement.executeQuery("SELECT a FROM " + Tables.REPORTS);
    String fixed = "SELECT a FROM t WHERE title = ?";
    // ok: java-sql-string-building
    connection.prepareStatement(fixed).setString(1, table);
    // ok: java-sql-string-building
    executor.execute("export of " + table);
  }

  Object read(ObjectInputStream in) throws Exception {
    // ruleid: java-object-input-stream
    return in.readObject();
  }

  Object readFiltered(ObjectInputStream in) throws Exception {
    in.setObjectInputFilter(filter);
    // ok: java-object-input-stream
    return in.readObject();
  }

  void json(ObjectMapper mapper) {
    // ruleid: java-jackson-default-typing
    mapper.enableDefaultTyping();
    // ok: java-jackson-default-typing
    mapper.activateDefaultTyping(validator, ObjectMapper.DefaultTyping.NON_FINAL);
  }

  Object xml(InputStream in) throws Exception {
    // ruleid: java-xxe
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in);
  }

  Object safeXml(InputStream in) throws Exception {
    // ok: java-xxe
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    return factory.newDocumentBuilder().parse(in);
  }

  void crypto(byte[] iv) throws Exception {
    // ruleid: java-weak-hash
    MessageDigest.getInstance("MD5");
    // ok: java-weak-hash
    MessageDigest.getInstance("SHA-256");
    // ruleid: java-weak-cipher
    Cipher.getInstance("DES/CBC/PKCS5Padding");
    // ruleid: java-weak-cipher
    Cipher.getInstance("AES/ECB/PKCS5Padding");
    // ruleid: java-weak-cipher
    Cipher.getInstance("AES");
    // ok: java-weak-cipher
    Cipher.getInstance("AES/GCM/NoPadding");
    // ruleid: java-static-iv
    new IvParameterSpec("0123456789abcdef".getBytes());
    // ok: java-static-iv
    new IvParameterSpec(iv);
    KeyPairGenerator small = KeyPairGenerator.getInstance("RSA");
    // ruleid: java-weak-key-size
    small.initialize(1024);
    KeyPairGenerator large = KeyPairGenerator.getInstance("RSA");
    // ok: java-weak-key-size
    large.initialize(3072);
  }

  void tokens(SecureRandom secure) {
    // ruleid: java-insecure-random
    int resetToken = new Random().nextInt();
    // ok: java-insecure-random
    int sessionToken = secure.nextInt();
    // ok: java-insecure-random
    int dice = new Random().nextInt(6);
  }

  // ruleid: java-hardcoded-secret
  static final String DB_PASSWORD = "hunter2-and-more";
  // ok: java-hardcoded-secret
  static final String API_KEY = "your-api-key";
  // ok: java-hardcoded-secret
  static final String TOKEN_URL = "https://auth.internal/token";

  void connect(Pool pool) {
    // ruleid: java-hardcoded-secret
    pool.setPassword("s3cr3t-p4ss!");
    // ok: java-hardcoded-secret
    pool.setPassword(System.getenv("DB_PASSWORD"));
  }

  void tls(HttpsURLConnection connection) throws Exception {
    // ruleid: java-tls-verification-off
    connection.setHostnameVerifier((host, session) -> true);
    // ok: java-tls-verification-off
    connection.setHostnameVerifier(verifier);
    // ruleid: java-weak-tls-version
    SSLContext.getInstance("TLSv1");
    // ok: java-weak-tls-version
    SSLContext.getInstance("TLSv1.3");
  }

  class TrustEverything implements X509TrustManager {
    // ruleid: java-tls-verification-off
    public void checkServerTrusted(X509Certificate[] chain, String type) {}
  }

  void claims(String token, String key) {
    // ruleid: java-jwt-unverified
    JWT.decode(token).getSubject();
    // ok: java-jwt-unverified
    JWT.require(Algorithm.HMAC256(key)).build().verify(token);
    // ruleid: java-jwt-hardcoded-secret
    Algorithm.HMAC256("not-so-secret");
    // ok: java-jwt-hardcoded-secret
    Algorithm.HMAC256(System.getenv("JWT_KEY"));
  }

  void security(HttpSecurity http, Exception error, HttpServletResponse response) throws Exception {
    // ruleid: java-debug-enabled
    error.printStackTrace(response.getWriter());
    // ok: java-debug-enabled
    error.printStackTrace();
    // ruleid: java-csrf-disabled
    http.csrf(csrf -> csrf.disable());
    // ruleid: java-csrf-disabled
    http.csrf().disable();
    // ok: java-csrf-disabled
    http.csrf(Customizer.withDefaults());
  }

  void web(Cookie cookie, File file, CorsConfiguration cors) {
    // ruleid: java-insecure-cookie
    cookie.setSecure(false);
    // ok: java-insecure-cookie
    cookie.setSecure(true);
    // ruleid: java-cors-any-origin
    cors.setAllowedOrigins(List.of("*"));
    // ok: java-cors-any-origin
    cors.setAllowedOrigins(List.of("https://app.example.com"));
    // ruleid: java-world-writable
    file.setWritable(true, false);
    // ok: java-world-writable
    file.setWritable(true, true);
  }
}
