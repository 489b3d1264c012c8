use qualitymax_engine::api_tests::{Focus, generate, parse};

#[test]
fn dump() {
    let bytes = std::fs::read(std::env::var("SPEC").unwrap()).unwrap();
    let document = parse(&bytes).unwrap();
    let focus = Focus::parse(&std::env::var("INSTR").unwrap_or_default());
    println!("{focus:#?}");
    let generated = generate(&document, focus).unwrap();
    for case in &generated.test_cases {
        println!(
            "{} {:?}\n   {}",
            case.priority,
            case.title,
            case.steps.join("\n   ")
        );
        println!("   => {}", case.expected_results);
    }
    println!("{:#?}", generated.notes);
    std::fs::write("/tmp/apitests/out.spec.ts", &generated.script).unwrap();
}
