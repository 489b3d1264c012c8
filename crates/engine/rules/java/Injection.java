package samples;

import java.io.*;
import java.net.URL;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.sql.*;
import java.util.zip.*;
import javax.naming.directory.*;
import javax.script.*;
import javax.servlet.http.*;
import javax.xml.xpath.*;
import org.apache.commons.io.FilenameUtils;
import org.apache.velocity.app.Velocity;
import org.springframework.web.bind.annotation.*;

class Injection extends HttpServlet {
  void sql(HttpServletRequest request, Connection connection, Statement statement) throws Exception {
    String name = request.getParameter("name");
    // ruleid: java-sql-injection, java-sql-string-building
    statement.executeQuery("SELECT * FROM users WHERE name = '" + name + "'");
    String sql = "SELECT * FROM users WHERE name = '" + name + "'";
    // ruleid: java-sql-injection, java-sql-string-building
    connection.prepareStatement(sql);
    // ok: java-sql-injection
    PreparedStatement safe = connection.prepareStatement("SELECT * FROM users WHERE name = ?");
    safe.setString(1, name);
    int id = Integer.parseInt(request.getParameter("id"));
    // ok: java-sql-injection, java-sql-string-building
    connection.prepareStatement("SELECT * FROM users WHERE id = " + id);
  }

  @GetMapping("/orders")
  String orders(@RequestParam("status") String status, @RequestParam("page") int page) {
    // ruleid: java-sql-injection
    entityManager.createQuery("FROM Order WHERE status = '" + status + "'");
    // ok: java-sql-injection
    entityManager.createQuery("FROM Order WHERE page = " + page);
    // ruleid: java-open-redirect
    return "redirect:" + status;
  }

  void command(HttpServletRequest request) throws Exception {
    // ruleid: java-command-injection
    Runtime.getRuntime().exec("ping " + request.getParameter("host"));
    // ok: java-command-injection
    new ProcessBuilder("ping", "-c", "1", request.getParameter("host")).start();
  }

  void code(HttpServletRequest request, ScriptEngine engine) throws Exception {
    // ruleid: java-code-injection
    engine.eval(request.getParameter("expression"));
    // ok: java-code-injection
    engine.eval("1 + 1");
    // ruleid: java-template-injection
    Velocity.evaluate(context, writer, "tag", request.getParameter("template"));
    // ok: java-template-injection
    Velocity.evaluate(context, writer, "tag", "Hello $name");
  }

  void files(HttpServletRequest request) throws Exception {
    String name = request.getParameter("name");
    // ruleid: java-path-traversal
    File file = new File("/srv/files", name);
    // ok: java-path-traversal
    File safe = new File("/srv/files", FilenameUtils.getName(name));
  }

  void ssrf(HttpServletRequest request) throws Exception {
    // ruleid: java-ssrf
    new URL(request.getParameter("url")).openStream();
    // ok: java-ssrf
    new URL("https://api.example.com/").openStream();
  }

  void xss(HttpServletRequest request, HttpServletResponse response) throws Exception {
    String name = request.getParameter("name");
    // ruleid: java-xss
    response.getWriter().println("<h1>" + name + "</h1>");
    // ok: java-xss
    response.getWriter().println("<h1>" + Encode.forHtml(name) + "</h1>");
    // ruleid: java-open-redirect
    response.sendRedirect(request.getParameter("next"));
    // ok: java-open-redirect
    response.sendRedirect("/home");
  }

  void directory(HttpServletRequest request, DirContext context, XPath xpath) throws Exception {
    String name = request.getParameter("name");
    // ruleid: java-ldap-injection
    context.search("dc=example", "(uid=" + name + ")", controls);
    // ok: java-ldap-injection
    context.search("dc=example", "(uid={0})", new Object[] {name}, controls);
    // ruleid: java-xpath-injection
    xpath.compile("//user[@name='" + name + "']");
    // ok: java-xpath-injection
    xpath.compile("//user[@name=$name]");
    // ruleid: java-nosql-injection
    users.find(Document.parse("{name: '" + name + "'}"));
    // ok: java-nosql-injection
    users.find(Filters.eq("name", name));
  }

  void state(HttpServletRequest request) throws Exception {
    // ruleid: java-unsafe-deserialization, java-object-input-stream
    Object state = new ObjectInputStream(request.getInputStream()).readObject();
    // ok: java-unsafe-deserialization
    Object safe = new ObjectMapper().readValue(request.getInputStream(), State.class);
  }

  void upload(MultipartFile avatar) throws Exception {
    // ruleid: java-unsafe-upload
    avatar.transferTo(new File("/srv/uploads", avatar.getOriginalFilename()));
    // ok: java-unsafe-upload
    avatar.transferTo(new File("/srv/uploads", FilenameUtils.getName(avatar.getOriginalFilename())));
  }

  void unzip(ZipInputStream zip, ZipEntry entry) throws Exception {
    // ruleid: java-archive-traversal
    new FileOutputStream(new File("/srv", entry.getName()));
    // ok: java-archive-traversal
    new FileOutputStream(new File("/srv", FilenameUtils.getName(entry.getName())));
  }
}
