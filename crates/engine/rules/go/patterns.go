package samples

// ruleid: go-debug-endpoint
import _ "net/http/pprof"

import (
	"crypto/des"
	"crypto/md5"
	crand "crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"text/template"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"
)

func report(table string) {
	// ruleid: go-sql-string-building
	db.Query(fmt.Sprintf("SELECT * FROM %s", table))
	// ok: go-sql-string-building
	db.Query("SELECT a FROM t " + "WHERE day > 1")
}

func digest(data []byte, password string) {
	// ruleid: go-weak-hash
	md5.Sum(data)
	// ok: go-weak-hash
	checksum := md5.Sum(data)
	// ok: go-weak-hash, go-weak-password-hash
	sha256.Sum256(data)
	// ruleid: go-weak-password-hash
	sha256.Sum256([]byte(password))
	// ok: go-weak-password-hash
	bcrypt.GenerateFromPassword([]byte(password), 12)
}

func encrypt(key []byte) {
	// ruleid: go-weak-cipher
	des.NewCipher(key)
	// ok: go-weak-cipher
	aes.NewCipher(key)
	// ruleid: go-weak-key-size
	rsa.GenerateKey(crand.Reader, 1024)
	// ok: go-weak-key-size
	rsa.GenerateKey(crand.Reader, 3072)
}

func tokens() {
	// ruleid: go-insecure-random
	resetToken := fmt.Sprint(rand.Int63())
	// ok: go-insecure-random
	dice := rand.Intn(6)
	sessionToken := make([]byte, 32)
	// ok: go-insecure-random
	crand.Read(sessionToken)
}

// ruleid: go-hardcoded-secret
const dbPassword = "hunter2-and-more"

// ok: go-hardcoded-secret
const passwordHint = "the name of your first pet"

func connect() {
	// ruleid: go-hardcoded-secret
	config := Config{Host: "db", Password: "s3cr3t-p4ss!"}
	// ok: go-hardcoded-secret
	password := os.Getenv("DB_PASSWORD")
}

func dial() {
	// ruleid: go-tls-verification-off
	unchecked := &tls.Config{InsecureSkipVerify: true}
	// ok: go-tls-verification-off
	checked := &tls.Config{RootCAs: pool}
	// ruleid: go-weak-tls-version
	old := &tls.Config{MinVersion: tls.VersionTLS10}
	// ok: go-weak-tls-version
	fresh := &tls.Config{MinVersion: tls.VersionTLS13}
	// ruleid: go-ssh-host-key-unchecked
	open := ssh.InsecureIgnoreHostKey()
	// ok: go-ssh-host-key-unchecked
	fixed := ssh.FixedHostKey(key)
}

func claims(token string, key []byte) {
	// ruleid: go-jwt-unverified
	new(jwt.Parser).ParseUnverified(token, jwt.MapClaims{})
	// ok: go-jwt-unverified
	jwt.Parse(token, lookup, jwt.WithValidMethods([]string{"HS256"}))
	// ruleid: go-jwt-hardcoded-secret
	fresh.SignedString([]byte("not-so-secret"))
	// ok: go-jwt-hardcoded-secret
	fresh.SignedString(key)
}

func serve(w http.ResponseWriter, r *http.Request, page *template.Template) {
	// ruleid: go-debug-endpoint
	gin.SetMode(gin.DebugMode)
	// ok: go-debug-endpoint
	gin.SetMode(gin.ReleaseMode)
	// ruleid: go-text-template-html
	page.Execute(w, r)
	// ok: go-text-template-html
	page.Execute(os.Stdout, r)
	// ruleid: go-csrf-disabled
	csrf.Protect(key, csrf.Secure(false))
	// ok: go-csrf-disabled
	csrf.Protect(key, csrf.Secure(true))
	// ruleid: go-insecure-cookie
	http.SetCookie(w, &http.Cookie{Name: "session", HttpOnly: false})
	// ok: go-insecure-cookie
	http.SetCookie(w, &http.Cookie{Name: "session", HttpOnly: true, Secure: true})
	// ruleid: go-cors-any-origin
	router.Use(cors.New(cors.Config{AllowAllOrigins: true, AllowCredentials: true}))
	// ok: go-cors-any-origin
	router.Use(cors.New(cors.Config{AllowOrigins: origins, AllowCredentials: true}))
}

func share(path string) {
	// ruleid: go-world-writable
	os.Chmod(path, 0o777)
	// ruleid: go-world-writable
	os.WriteFile(path, nil, 0666)
	// ok: go-world-writable
	os.WriteFile(path, nil, 0o640)
}
