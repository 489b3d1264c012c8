//! From bytes to a [`Module`], within a time limit.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, Parser, Tree};

use super::lower::Builder;
use super::{Language, Module, go, java, javascript, markup, php, python, ruby, rust};

/// A file of the largest size takes a tenth of it.
const PARSE_LIMIT: Duration = Duration::from_secs(3);

/// A grammar gave up on the file: it is too deep, too wide or no such language.
#[derive(Debug, PartialEq, Eq)]
pub struct Unparsed;

/// One parser, for one thread.
pub struct Parsers {
    parser: Parser,
    limit: Duration,
}

impl Parsers {
    pub fn new() -> Self {
        Self {
            parser: Parser::new(),
            limit: PARSE_LIMIT,
        }
    }

    #[cfg(test)]
    pub fn with_limit(limit: Duration) -> Self {
        Self {
            limit,
            ..Self::new()
        }
    }

    /// With `names` every identifier and string is kept, as for tests.
    pub fn read(
        &mut self,
        language: Language,
        source: &str,
        names: bool,
    ) -> Result<Module, Unparsed> {
        let mut module = Module {
            language: Some(language),
            ..Module::default()
        };
        match language {
            Language::Html => {
                let tree = self.tree(&tree_sitter_html::LANGUAGE.into(), source)?;
                module.elements = markup::elements(&tree, source, 0);
            }
            Language::Erb => {
                let (html, code) = markup::split_erb(source);
                let tree = self.tree(&tree_sitter_html::LANGUAGE.into(), &html)?;
                module.elements = markup::elements(&tree, &html, 0);
                let tree = self.tree(&tree_sitter_ruby::LANGUAGE.into(), &code)?;
                walk(
                    &tree,
                    Builder::new(&code, &mut module, 0, names),
                    ruby::visit,
                );
            }
            Language::Component => {
                let tree = self.tree(&tree_sitter_html::LANGUAGE.into(), source)?;
                module.elements = markup::elements(&tree, source, 0);
                for (script, line) in markup::scripts(&tree, source) {
                    let tree =
                        self.tree(&tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(), script)?;
                    walk(
                        &tree,
                        Builder::new(script, &mut module, line, names),
                        javascript::visit,
                    );
                }
            }
            _ => {
                let (grammar, visit): (tree_sitter::Language, Visit) = match language {
                    Language::TypeScript => (
                        tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
                        javascript::visit,
                    ),
                    Language::Python => (tree_sitter_python::LANGUAGE.into(), python::visit),
                    Language::Java => (tree_sitter_java::LANGUAGE.into(), java::visit),
                    Language::Go => (tree_sitter_go::LANGUAGE.into(), go::visit),
                    Language::Ruby => (tree_sitter_ruby::LANGUAGE.into(), ruby::visit),
                    Language::Php => (tree_sitter_php::LANGUAGE_PHP.into(), php::visit),
                    Language::Rust => (tree_sitter_rust::LANGUAGE.into(), rust::visit),
                    // The TSX grammar reads JavaScript and JSX too.
                    _ => (
                        tree_sitter_typescript::LANGUAGE_TSX.into(),
                        javascript::visit,
                    ),
                };
                let tree = self.tree(&grammar, source)?;
                walk(&tree, Builder::new(source, &mut module, 0, names), visit);
                if language == Language::Php {
                    // Templates in PHP are HTML around the code.
                    let html = markup::without_php(source);
                    if html.contains("<form") || html.contains("<html") {
                        let tree = self.tree(&tree_sitter_html::LANGUAGE.into(), &html)?;
                        module.elements = markup::elements(&tree, &html, 0);
                    }
                }
            }
        }
        Ok(module)
    }

    fn tree(&mut self, grammar: &tree_sitter::Language, source: &str) -> Result<Tree, Unparsed> {
        self.parser.set_language(grammar).map_err(|_| Unparsed)?;
        let began = Instant::now();
        let limit = self.limit;
        let mut late = |_: &_| {
            if began.elapsed() > limit {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let bytes = source.as_bytes();
        let tree = self.parser.parse_with_options(
            &mut |at, _| bytes.get(at..).unwrap_or_default(),
            None,
            Some(ParseOptions::new().progress_callback(&mut late)),
        );
        if tree.is_none() {
            self.parser.reset();
        }
        tree.ok_or(Unparsed)
    }
}

type Visit = for<'t, 'm> fn(tree_sitter::Node<'t>, &mut Builder<'m>);

/// Every named node, parents before children. Not recursive: a hostile file may
/// nest as deep as it likes.
fn walk(tree: &Tree, mut builder: Builder<'_>, visit: Visit) {
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_named() {
            visit(node, &mut builder);
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_takes_too_long_is_given_up() {
        let source = "f(".repeat(100_000);
        let mut parsers = Parsers::with_limit(Duration::ZERO);
        assert_eq!(
            parsers
                .read(Language::JavaScript, &source, false)
                .unwrap_err(),
            Unparsed
        );
        // The parser is fit for the next file.
        parsers.limit = PARSE_LIMIT;
        let module = parsers.read(Language::JavaScript, "f(1)", false).unwrap();
        assert_eq!(module.calls.len(), 1);
    }
}
