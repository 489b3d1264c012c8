//! A body against its authored schema: lengths in characters, ranges, enums,
//! formats, and the two things that JSON Schema can't say (`x-max-bytes`,
//! `x-exactly-one-of`). Messages name the field and the limit, and never repeat
//! a value, because a value may be a password.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::Location;
use jsonschema::{Draft, Keyword, ValidationError, Validator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value, json};

/// Why a body is not what the contract asks for; fit to be a `detail`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// A type that is parsed only from bytes that meet its authored schema.
pub trait Validated: DeserializeOwned {
    /// Parses `bytes` as JSON, validates, applies defaults.
    fn from_json(bytes: &[u8]) -> Result<Self, Invalid> {
        let value = parse(bytes)?;
        validate(schema_name::<Self>(), &value)?;
        // `45.0` is an integer in JSON Schema, and none to serde; and what has
        // room for any number keeps it as it was sent.
        Self::deserialize(&value)
            .or_else(|_| serde_json::from_value(with_integers(value)))
            .map_err(|error| Invalid(format!("the body can't be read: {error}")))
    }
}

fn whole(number: &Number) -> Option<i64> {
    /// Past it, not every integer is a float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|_| number.is_f64())?;
    (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
}

fn with_integers(value: Value) -> Value {
    match value {
        Value::Number(number) => whole(&number).map_or(Value::Number(number), Value::from),
        Value::Array(items) => items.into_iter().map(with_integers).collect(),
        Value::Object(object) => {
            let entries = object.into_iter();
            entries
                .map(|(name, it)| (name, with_integers(it)))
                .collect()
        }
        other => other,
    }
}

impl<T: DeserializeOwned> Validated for T {}

/// Generated types are named as their schemas are.
fn schema_name<T>() -> &'static str {
    let path = std::any::type_name::<T>();
    path.rsplit("::").next().unwrap_or(path)
}

/// JSON, and only what every reader understands alike: UTF-8, no duplicate keys.
fn parse(bytes: &[u8]) -> Result<Value, Invalid> {
    if bytes.trim_ascii().is_empty() {
        return Err(Invalid("the body is empty: send a JSON object".to_owned()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Invalid(format!(
            "the body is not UTF-8 (byte {})",
            error.valid_up_to()
        ))
    })?;
    let unique: unique::Unique = serde_json::from_str(text).map_err(|error| {
        // serde_json's own messages may quote the text that they stumble over.
        let what = match error.classify() {
            serde_json::error::Category::Data => "it has a duplicate key",
            serde_json::error::Category::Eof => "it ends too early",
            _ => "it is malformed or nested too deep",
        };
        Invalid(format!(
            "the body is not valid JSON: {what} (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    Ok(unique.0)
}

/// Holds `value` against the schema named `name`.
pub fn validate(name: &'static str, value: &Value) -> Result<(), Invalid> {
    static VALIDATORS: LazyLock<Mutex<HashMap<&'static str, &'static Validator>>> =
        LazyLock::new(Mutex::default);
    let validator = {
        let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
        // One a type for the life of the process.
        *validators
            .entry(name)
            .or_insert_with(|| Box::leak(Box::new(compile(name))))
    };
    let problems: Vec<String> = validator
        .iter_errors(value)
        .take(5)
        .map(|error| explain(&error))
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Invalid(problems.join("; ")))
    }
}

fn compile(name: &str) -> Validator {
    static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
        serde_json::from_str(include_str!("generated/schemas.json"))
            .expect("the generated schemas are JSON")
    });
    let schema = json!({
        "$ref": format!("#/definitions/{name}"),
        "definitions": SCHEMAS["definitions"],
    });
    jsonschema::options()
        .with_draft(Draft::Draft7)
        .should_validate_formats(true)
        .with_format("uri", is_http_url)
        .with_keyword("x-max-bytes", |_, limit, _| {
            Ok(Box::new(MaxBytes::new(limit)))
        })
        .with_keyword("x-exactly-one-of", |_, names, _| {
            Ok(Box::new(ExactlyOneOf::new(names)))
        })
        .build(&schema)
        .expect("the generated schemas compile")
}

/// An absolute http or https URL without white space or control characters,
/// which URL parsers drop silently and alike parsers do not.
fn is_http_url(text: &str) -> bool {
    !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && url::Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// `x-max-bytes`: of the value as compact JSON.
struct MaxBytes(usize);

impl MaxBytes {
    fn new(limit: &Value) -> Self {
        Self(
            limit
                .as_u64()
                .and_then(|limit| usize::try_from(limit).ok())
                .expect("x-max-bytes is a size"),
        )
    }

    fn size(instance: &Value) -> usize {
        instance.to_string().len()
    }
}

impl<'i> Keyword<'i> for MaxBytes {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        let size = Self::size(instance);
        if size > self.0 {
            let message = format!(
                "must be at most {} bytes as compact JSON, and is {size}",
                self.0
            );
            return Err(ValidationError::custom(message));
        }
        Ok(())
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        Self::size(instance) <= self.0
    }
}

/// `x-exactly-one-of`: of these properties.
struct ExactlyOneOf(Vec<String>);

impl ExactlyOneOf {
    fn new(names: &Value) -> Self {
        Self(serde_json::from_value(names.clone()).expect("x-exactly-one-of lists properties"))
    }

    fn given(&self, instance: &Map<String, Value>) -> usize {
        self.0
            .iter()
            .filter(|name| instance.contains_key(*name))
            .count()
    }
}

impl<'i> Keyword<'i> for ExactlyOneOf {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            return Ok(());
        }
        Err(ValidationError::custom(format!(
            "exactly one of {} must be given",
            self.0.join(", ")
        )))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance
            .as_object()
            .is_none_or(|object| self.given(object) == 1)
    }
}

fn explain(error: &ValidationError<'_>) -> String {
    let field = field(error.instance_path());
    let what = match error.kind() {
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            let field = if field.is_empty() {
                property.to_owned()
            } else {
                format!("{field}.{property}")
            };
            return format!("{field}: is required");
        }
        ValidationErrorKind::Type {
            kind: TypeKind::Single(kind),
        } => format!("must be of type {kind}"),
        ValidationErrorKind::MaxLength { limit } => {
            let length = error
                .instance()
                .as_str()
                .map_or(0, |text| text.chars().count());
            format!(
                "must be at most {}, and is {length}",
                counted(*limit, "character")
            )
        }
        ValidationErrorKind::MinLength { limit } => {
            format!("must be at least {}", counted(*limit, "character"))
        }
        ValidationErrorKind::Minimum { limit } => format!("must be at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("must be at most {limit}"),
        ValidationErrorKind::MinItems { limit } => {
            format!("must have at least {}", counted(*limit, "item"))
        }
        ValidationErrorKind::MaxItems { limit } => {
            format!("must have at most {}", counted(*limit, "item"))
        }
        ValidationErrorKind::UniqueItems => "must not repeat an item".to_owned(),
        ValidationErrorKind::Enum { options } => {
            let options: Vec<_> = options
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            format!("must be one of {}", options.join(", "))
        }
        ValidationErrorKind::Format { format } if format == "uri" => {
            "must be an absolute http or https URL".to_owned()
        }
        ValidationErrorKind::Custom { message, .. } => message.clone(),
        other => format!("does not meet the contract's `{}`", other.keyword()),
    };
    if field.is_empty() {
        format!("the body: {what}")
    } else {
        format!("{field}: {what}")
    }
}

/// `1 item`, `2 items`.
fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// `/options/browser` as `options.browser`.
fn field(path: &Location) -> String {
    path.as_str()
        .trim_start_matches('/')
        .replace('/', ".")
        .replace("~1", "/")
        .replace("~0", "~")
}

/// A JSON value whose objects hold no key twice: of `{"url": A, "url": B}` one
/// reader takes A and the next one B.
mod unique {
    use std::fmt;

    use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
    use serde_json::{Map, Value};

    pub struct Unique(pub Value);

    impl<'de> Deserialize<'de> for Unique {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(AnyValue).map(Self)
        }
    }

    struct AnyValue;

    impl<'de> Visitor<'de> for AnyValue {
        type Value = Value;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("JSON")
        }

        fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
            Ok(value.into())
        }

        fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
            Ok(value.into())
        }

        fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
            Ok(value.into())
        }

        fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
            Ok(value.into())
        }

        fn visit_str<E>(self, value: &str) -> Result<Value, E> {
            Ok(value.into())
        }

        fn visit_unit<E>(self) -> Result<Value, E> {
            Ok(Value::Null)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
            let mut array = Vec::new();
            while let Some(Unique(item)) = items.next_element()? {
                array.push(item);
            }
            Ok(array.into())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
            let mut object = Map::new();
            while let Some((key, Unique(value))) = entries.next_entry::<String, Unique>()? {
                if object.insert(key, value).is_some() {
                    return Err(A::Error::custom("duplicate key"));
                }
            }
            Ok(object.into())
        }
    }
}
