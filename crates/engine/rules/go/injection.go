package samples

import (
	"archive/zip"
	"context"
	"database/sql"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/antchfx/xmlquery"
	"github.com/gin-gonic/gin"
	"github.com/go-ldap/ldap/v3"
	"go.mongodb.org/mongo-driver/bson"
)

func users(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	// ruleid: go-sql-injection, go-sql-string-building
	db.Query("SELECT * FROM users WHERE name = '" + name + "'")
	query := fmt.Sprintf("SELECT * FROM users WHERE name = '%s'", name)
	// ruleid: go-sql-injection
	db.QueryRowContext(r.Context(), query)
	// ok: go-sql-injection, go-sql-string-building
	db.Query("SELECT * FROM users WHERE name = $1", name)
	id, _ := strconv.Atoi(r.FormValue("id"))
	// ok: go-sql-injection
	db.Exec(fmt.Sprint(id))
}

func orders(c *gin.Context) {
	// ruleid: go-sql-injection, go-sql-string-building
	db.Raw("SELECT * FROM orders WHERE id = " + c.Param("id")).Scan(&orders)
	// ok: go-sql-injection
	db.Raw("SELECT * FROM orders WHERE id = ?", c.Param("id")).Scan(&orders)
}

func ping(w http.ResponseWriter, r *http.Request) {
	// ruleid: go-command-injection
	exec.Command("sh", "-c", "ping "+r.FormValue("host")).Run()
	// ok: go-command-injection
	exec.Command("ping", "-c", "1", r.FormValue("host")).Run()
}

func render(w http.ResponseWriter, r *http.Request) {
	// ruleid: go-template-injection
	template.New("page").Parse(r.FormValue("template"))
	// ok: go-template-injection
	template.New("page").Parse("<p>{{ . }}</p>")
}

func download(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	// ruleid: go-path-traversal
	os.ReadFile(filepath.Join("/srv/files", name))
	// ok: go-path-traversal
	os.ReadFile(filepath.Join("/srv/files", filepath.Base(name)))
}

func preview(w http.ResponseWriter, r *http.Request) {
	// ruleid: go-ssrf
	http.Get(r.FormValue("url"))
	// ok: go-ssrf
	http.Get("https://api.example.com/?id=" + url.QueryEscape(r.FormValue("id")))
}

func hello(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	// ruleid: go-xss
	fmt.Fprintf(w, "<h1>Hello %s</h1>", name)
	// ruleid: go-xss
	w.Write([]byte("<h1>" + name + "</h1>"))
	// ok: go-xss
	fmt.Fprintf(w, "<h1>Hello %s</h1>", html.EscapeString(name))
	// ruleid: go-open-redirect
	http.Redirect(w, r, r.FormValue("next"), http.StatusFound)
	// ok: go-open-redirect
	http.Redirect(w, r, "/home", http.StatusFound)
}

func people(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	// ruleid: go-ldap-injection
	ldap.NewSearchRequest("dc=example", 2, 0, 0, 0, false, "(uid="+name+")", nil, nil)
	// ok: go-ldap-injection
	ldap.NewSearchRequest("dc=example", 2, 0, 0, 0, false, "(uid="+ldap.EscapeFilter(name)+")", nil, nil)
	// ruleid: go-xpath-injection
	xmlquery.Find(doc, "//user[@name='"+name+"']")
	// ok: go-xpath-injection
	xmlquery.Find(doc, "//user")
	// ruleid: go-nosql-injection
	users.Find(context.TODO(), bson.M{"$where": "this.name == '" + name + "'"})
	// ok: go-nosql-injection
	users.Find(context.TODO(), bson.M{"name": name})
}

func upload(w http.ResponseWriter, r *http.Request) {
	file, header, err := r.FormFile("avatar")
	// ruleid: go-unsafe-upload
	os.Create(filepath.Join("/srv/uploads", header.Filename))
	// ok: go-unsafe-upload
	os.Create(filepath.Join("/srv/uploads", filepath.Base(header.Filename)))
}

func unzip(archive *zip.Reader) {
	for _, entry := range archive.File {
		// ruleid: go-archive-traversal
		os.Create(filepath.Join("/srv", entry.Name))
		// ok: go-archive-traversal
		os.Create(filepath.Join("/srv", filepath.Base(entry.Name)))
	}
}
