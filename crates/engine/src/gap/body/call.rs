//! What a call in a body tells: input that is read, where the answer leads.

use super::super::sink;
use super::super::syntax::{Call, Expr, HOLE};
use super::{Body, From, resolved};

impl Body {
    pub(super) fn call(&mut self, call: &Call, aliases: &[(&str, &str)]) {
        let name = call.name.as_str();
        let path = resolved(&call.path(), aliases);
        let key = call.arg(0).and_then(Expr::text);
        let on = path.rsplit_once('.').map_or("", |(on, _)| on);
        match name {
            "get" | "getlist" | "getAll" | "has" | "pop" => {
                if let Some(key) = key {
                    self.name(&format!("{on}.{key}"));
                }
            }
            "input" | "post" | "string" | "integer" | "boolean" | "validate" | "file" | "query"
                if on.ends_with("request") =>
            {
                if let Some(Expr::Map(rules)) = call.arg(0) {
                    for (field, _) in rules {
                        self.input(field, From::Body);
                    }
                } else if let Some(key) = key {
                    let from = match name {
                        "file" => From::File,
                        "query" => From::Query,
                        _ => From::Body,
                    };
                    self.input(key, from);
                }
            }
            // Fastify, Laravel without a name
            "file" | "files" | "saveRequestFiles" if on.ends_with("request") || on == "req" => {
                self.input("file", From::File);
            }
            "permit" | "expect" => {
                for key in call.positional().filter_map(Expr::text) {
                    self.input(key, From::Body);
                }
            }
            // Go
            "Query" | "QueryParam" | "DefaultQuery" if key.is_some() && on.len() <= 8 => {
                self.input(key.unwrap_or_default(), From::Query);
            }
            "FormValue" | "PostForm" | "PostFormValue" => {
                self.input(key.unwrap_or_default(), From::Body);
            }
            "FormFile" => self.input(key.unwrap_or_default(), From::File),
            "GetHeader" | "getHeader" | "header" if key.is_some() => {
                self.input(key.unwrap_or_default(), From::Header);
            }
            "getParameter" => self.input(key.unwrap_or_default(), From::Query),
            "ShouldBindJSON" | "BindJSON" | "ShouldBind" | "Bind" | "BodyParser" | "Decode"
            | "get_json" | "json" | "parse" | "formData"
                if name.starts_with(char::is_uppercase)
                    || on.ends_with("req")
                    || on.ends_with("request") =>
            {
                self.reads_body = true;
                if let Some(Expr::Name(bound)) = call.positional().last() {
                    self.bound.push(bound.clone());
                }
            }
            "redirect"
            | "redirect_to"
            | "RedirectResponse"
            | "Redirect"
            | "HttpResponseRedirect"
            | "to"
            | "redirectTo"
            | "push" => {
                let target = call.positional().filter_map(Expr::text).next();
                if let Some(target) = target
                    && (name != "to" || on.ends_with("Redirect"))
                    && (name != "push" || on.ends_with("outer") || on.ends_with("navigation"))
                {
                    self.redirects.push(target.replace(HOLE, "…"));
                }
            }
            "render" | "render_template" | "TemplateResponse" | "view" | "HTML" | "Render"
            | "ExecuteTemplate" | "renderView" | "return" | "file" | "template" => {
                for template in call.positional().filter_map(Expr::text) {
                    self.renders.push(template.to_owned());
                }
                if let Some(template) = call.named("name").and_then(Expr::text) {
                    self.renders.push(template.to_owned());
                }
            }
            "is_valid" => self.method("POST"),
            "getServerSession"
            | "requireAuth"
            | "requireUser"
            | "requireUserId"
            | "auth"
            | "authorize"
            | "authorize!"
            | "authenticate_user!"
            | "getCurrentUser"
            | "currentUser"
            | "ensureAuthenticated"
            | "verifyToken"
            | "jwtVerify" => {
                self.guarded = true;
            }
            _ => {}
        }
        if let Some(sink) = sink::of(call, &path)
            && !self.sinks.contains(&sink)
        {
            self.sinks.push(sink);
        }
    }
}
