//! What a handler's parameters tell, in frameworks that hand it the request in
//! parts.

use super::super::syntax::{Expr, Language, Param};
use super::{Body, From};

impl Body {
    /// Decorated and typed parameters of NestJS, Spring, FastAPI, axum, actix.
    pub(super) fn param(&mut self, param: &Param, language: Option<Language>) {
        for mark in &param.marks {
            let key = mark
                .arg(0)
                .or_else(|| mark.named("value"))
                .or_else(|| mark.named("name"))
                .and_then(Expr::text)
                .unwrap_or(&param.name)
                .to_owned();
            match mark.name.as_str() {
                "Body" | "RequestBody" | "ModelAttribute" => {
                    self.reads_body = true;
                    self.types.push(param.type_name.clone());
                    if mark.arg(0).is_some_and(|value| value.text().is_some()) {
                        self.input(&key, From::Body);
                    }
                }
                "Form" => self.input(&key, From::Body),
                "Query" | "RequestParam" | "QueryParam" => {
                    let file = param.type_name.contains("MultipartFile");
                    self.input(&key, if file { From::File } else { From::Query });
                }
                "File" | "UploadedFile" => self.input(&key, From::File),
                "Param" | "PathVariable" | "Path" | "PathParam" => self.input(&key, From::Path),
                "Headers" | "RequestHeader" | "Header" | "Cookie" => {
                    self.input(&key, From::Header);
                }
                _ => {}
            }
        }
        let plain = &param.type_name;
        if plain == "UploadFile" || plain.starts_with("Multipart") {
            self.input(&param.name, From::File);
        }
        for (wrapper, from) in [
            ("Json<", From::Body),
            ("Form<", From::Body),
            ("Query<", From::Query),
        ] {
            if let Some(at) = plain.find(wrapper) {
                let inner = plain[at + wrapper.len()..].split(['<', '>', ',']);
                self.types
                    .extend(inner.filter(|name| !name.is_empty()).map(ToOwned::to_owned));
                self.reads_body |= from == From::Body;
            }
        }
        // FastAPI: a parameter with the type of a model is the body; Laravel: a
        // form request. Which types are models is seen when all files are read.
        let by_type = matches!(language, Some(Language::Python | Language::Php));
        if by_type && param.marks.is_empty() && plain.starts_with(char::is_uppercase) {
            self.types.push(plain.clone());
        }
    }
}
