import json
import os
import pathlib
import pickle
import shlex
import subprocess

import jinja2
import requests
import yaml
from flask import Flask, make_response, redirect, render_template, render_template_string, request, send_file, url_for
from ldap.filter import escape_filter_chars
from markupsafe import Markup, escape
from sqlalchemy import text
from werkzeug.utils import secure_filename

app = Flask(__name__)


@app.route("/users")
def users():
    name = request.args.get("name")
    # ruleid: python-sql-injection, python-sql-string-building
    db.execute("SELECT * FROM users WHERE name = '" + name + "'")
    query = f"SELECT * FROM users WHERE name = '{name}'"
    # ruleid: python-sql-injection
    db.execute(query)
    # ruleid: python-sql-injection
    clause = text("name = '%s'" % name)
    # ok: python-sql-injection, python-sql-string-building
    db.execute("SELECT * FROM users WHERE name = %s", (name,))
    # ok: python-sql-injection
    db.execute("SELECT * FROM users LIMIT %d", int(request.args["limit"]))


@app.get("/orders/{order}")
async def order(order: str, page: int):
    # ruleid: python-sql-injection, python-sql-string-building
    await db.execute(f"SELECT * FROM orders WHERE id = '{order}'")
    # ok: python-sql-injection
    await db.execute("SELECT * FROM orders WHERE id = :id", {"id": order})


def report(table, since):
    # ruleid: python-sql-string-building
    cursor.execute("SELECT * FROM %s WHERE day > 1" % table)
    # ruleid: python-sql-string-building
    cursor.execute("DELETE FROM {} WHERE 1".format(table))
    # ok: python-sql-string-building
    cursor.execute("SELECT a, b FROM t " + "WHERE day > %s", (since,))
    # ok: python-sql-string-building
    runner.execute("step " + table)


@app.route("/ping")
def ping():
    host = request.form["host"]
    # ruleid: python-command-injection
    os.system("ping -c 1 " + host)
    # ruleid: python-command-injection
    subprocess.run(f"ping {host}", shell=True)
    # ok: python-command-injection
    subprocess.run(["ping", "-c", "1", host])
    # ok: python-command-injection
    os.system("ping -c 1 " + shlex.quote(host))


def archive(directory):
    # ruleid: python-shell-string-building
    subprocess.check_call("tar czf out.tgz %s" % directory, shell=True)
    # ruleid: python-shell-string-building
    os.system(f"tar czf out.tgz {directory}")
    # ok: python-shell-string-building
    subprocess.check_call(["tar", "czf", "out.tgz", directory])
    # ok: python-shell-string-building
    os.system("tar czf out.tgz /srv")


@app.route("/calc")
def calc():
    # ruleid: python-code-injection
    total = eval(request.args["expression"])
    # ok: python-code-injection
    total = eval("1 + 1")
    return str(total)


@app.post("/load")
def load():
    # ruleid: python-unsafe-deserialization
    state = pickle.loads(request.data)
    # ruleid: python-unsafe-deserialization, python-unsafe-yaml-load
    config = yaml.load(request.data, Loader=yaml.Loader)
    # ok: python-unsafe-deserialization, python-unsafe-yaml-load
    config = yaml.load(request.data, Loader=yaml.SafeLoader)
    # ok: python-unsafe-deserialization
    state = json.loads(request.data)


@app.route("/hello")
def hello():
    name = request.args.get("name", "")
    # ruleid: python-template-injection
    render_template_string("<h1>" + name + "</h1>")
    # ruleid: python-template-injection
    jinja2.Template(name).render()
    # ok: python-template-injection
    render_template("hello.html", name=name)
    # ok: python-template-injection
    render_template_string("<h1>{{ name }}</h1>", name=name)


@app.route("/download")
def download():
    name = request.args["name"]
    # ruleid: python-path-traversal
    content = open("/srv/files/" + name).read()
    # ruleid: python-path-traversal
    pathlib.Path("/srv/" + name).read_text()
    # ok: python-path-traversal
    send_file(os.path.join("/srv/files", secure_filename(name)))
    # ok: python-path-traversal
    open("/srv/files/readme.txt")


@app.route("/preview")
def preview():
    # ruleid: python-ssrf
    page = requests.get(request.args["url"])
    # ok: python-ssrf
    page = requests.get("https://api.example.com/page", params={"id": request.args["id"]})


@app.route("/people")
def people():
    name = request.args["name"]
    # ruleid: python-ldap-injection
    ldap_conn.search_s("dc=example", 2, "(uid=" + name + ")")
    # ok: python-ldap-injection
    ldap_conn.search_s("dc=example", 2, "(uid=" + escape_filter_chars(name) + ")")
    # ruleid: python-xpath-injection
    tree.xpath("//user[@name='" + name + "']")
    # ok: python-xpath-injection
    tree.xpath("//user[@name=$name]", name=name)


@app.post("/login")
def login():
    body = request.get_json()
    # ruleid: python-nosql-injection
    mongo.users.find_one({"name": body["name"]})
    # ok: python-nosql-injection
    mongo.users.find_one({"name": str(body["name"])})


@app.post("/upload")
def upload():
    avatar = request.files["avatar"]
    # ruleid: python-unsafe-upload
    avatar.save(os.path.join("/srv/uploads", avatar.filename))
    # ok: python-unsafe-upload
    avatar.save(os.path.join("/srv/uploads", secure_filename(avatar.filename)))


@app.route("/greet")
def greet():
    name = request.args["name"]
    # ruleid: python-xss
    body = Markup("<b>" + name + "</b>")
    # ok: python-xss
    body = Markup("<b>" + escape(name) + "</b>")
    # ok: python-xss
    make_response(render_template("greet.html", name=name))
    # ruleid: python-xss
    return f"<h1>Hello {name}</h1>"


@app.route("/leave")
def leave():
    # ruleid: python-open-redirect
    redirect(request.args["next"])
    # ok: python-open-redirect
    redirect(url_for("users", page=request.args["page"]))
    # ok: python-open-redirect
    redirect(f"/books/{request.args['id']}")
    # ok: python-open-redirect
    redirect("{}?{}".format(reverse("invites"), urlencode(request.args.dict())))
    # ok: python-open-redirect
    redirect(get_object_or_404(Book, pk=request.args["id"]).address)
