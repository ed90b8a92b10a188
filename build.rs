//! Brings the design system's built files into the binary.
//!
//! `npm ci` runs in cargo's output folder when the lock file changed; the prebuilt
//! style sheets lose their brand (fonts, crest), every file gets a name that holds a hash
//! of its content, and `front_end.rs` lists them, with the templates, for the `web` layer.
//! It must not write outside cargo's output folder.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What went wrong, in one line for the person who is building.
type Built<T> = Result<T, String>;

const NPM_FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];
const GOVUK: &str = "govuk-frontend/dist/govuk";
const MOJ: &str = "@ministryofjustice/frontend/moj";
/// Stands in for the GDS Transport typeface, which only services on GOV.UK may use.
const FONT_STACK: &str = "system-ui,-apple-system,\"Segoe UI\",Roboto,arial,sans-serif";
/// Only the Crown may show its crest; the rule that names it stays, without a picture.
const CREST: &str = "govuk-crest.svg";

fn main() {
    if let Err(line) = build() {
        println!("cargo::error={line}");
        std::process::exit(1);
    }
}

fn build() -> Built<()> {
    let root = folder("CARGO_MANIFEST_DIR")?;
    let out = folder("OUT_DIR")?;
    let templates = root.join("templates");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=templates");

    let modules = install(&templates, &out.join("npm"))?;
    println!("cargo::rustc-env=CDR_NODE_MODULES={}", modules.display());

    let mut assets = Assets::new(&out.join("assets"))?;
    assets.add_all(&modules, &templates.join("assets"))?;
    let mut code = assets.listing();
    code.push_str(&template_listing(&templates)?);
    code.push_str(&inline_script(&modules)?);
    write(&out.join("front_end.rs"), code.as_bytes())
}

fn folder(variable: &str) -> Built<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .ok_or_else(|| format!("{variable} is not set; build with cargo"))
}

// ---- npm

/// Installs the packages of the lock file into `place`, unless that very lock is there.
fn install(templates: &Path, place: &Path) -> Built<PathBuf> {
    let modules = place.join("node_modules");
    let mut lock = Sha256::new();
    fs::create_dir_all(place).map_err(|e| format!("cannot make {}: {e}", place.display()))?;
    for name in NPM_FILES {
        let content = read(&templates.join(name))?;
        lock.update(&content);
        write(&place.join(name), &content)?;
    }
    let lock = hex(&lock.finalize());
    let stamp = place.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|was| was == lock) && modules.join(GOVUK).is_dir() {
        return Ok(modules);
    }
    let _ = fs::remove_file(&stamp);
    npm_ci(place)?;
    write(&stamp, lock.as_bytes())?;
    Ok(modules)
}

fn npm_ci(place: &Path) -> Built<()> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let done = Command::new(npm)
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .current_dir(place)
        .output()
        .map_err(|e| {
            format!(
                "the web pages need npm, which did not start ({e}); install Node.js 20 or later \
                 with npm (Debian: apt-get install nodejs npm) and build again"
            )
        })?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let reason = said
        .lines()
        .map(|line| line.trim_start_matches("npm error").trim())
        .find(|line| !line.is_empty() && !line.starts_with("npm warn"))
        .unwrap_or("it gave no reason");
    Err(format!(
        "npm could not install the design system named in templates/package-lock.json ({reason}); \
         check that npm is installed and can reach its registry, then build again"
    ))
}

// ---- assets

/// The files to embed: public name (`app.css`) to hashed file name (`app.0a1b….css`).
struct Assets {
    place: PathBuf,
    names: BTreeMap<String, String>,
}

impl Assets {
    fn new(place: &Path) -> Built<Self> {
        fs::create_dir_all(place).map_err(|e| format!("cannot make {}: {e}", place.display()))?;
        Ok(Self {
            place: place.to_owned(),
            names: BTreeMap::new(),
        })
    }

    fn add_all(&mut self, modules: &Path, ours: &Path) -> Built<()> {
        let govuk = modules.join(GOVUK);
        let moj = modules.join(MOJ);
        for (folder, stem) in [(&govuk, "govuk-frontend"), (&moj, "moj-frontend")] {
            let css = text(&folder.join(format!("{stem}.min.css")))?;
            let css = self.unbrand(&css, &folder.join("assets"))?;
            self.add(&format!("{stem}.css"), css.as_bytes())?;
            let script = text(&folder.join(format!("{stem}.min.js")))?;
            self.add(
                &format!("{stem}.js"),
                without_source_map(&script).as_bytes(),
            )?;
        }
        self.add("favicon.svg", &read(&ours.join("favicon.svg"))?)?;
        self.add("app.css", &read(&ours.join("app.css"))?)?;
        let mut app = text(&ours.join("app.js"))?;
        for (name, hashed) in &self.names {
            app = app.replace(&format!("\"./{name}\""), &format!("\"./{hashed}\""));
        }
        self.add("app.js", app.as_bytes()).map(drop)
    }

    fn add(&mut self, name: &str, content: &[u8]) -> Built<String> {
        let (stem, extension) = name
            .rsplit_once('.')
            .ok_or_else(|| format!("{name} has no extension"))?;
        let hash: String = hex(&Sha256::digest(content)).chars().take(16).collect();
        let hashed = format!("{stem}.{hash}.{extension}");
        write(&self.place.join(&hashed), content)?;
        self.names.insert(name.to_owned(), hashed.clone());
        Ok(hashed)
    }

    /// Takes fonts and crest out of a style sheet and points its pictures at our copies.
    fn unbrand(&mut self, css: &str, pictures: &Path) -> Built<String> {
        let css = without_font_faces(without_source_map(css));
        let css = css.replace("GDS Transport,arial,sans-serif", FONT_STACK);
        if css.contains("GDS Transport") {
            return Err("a style sheet still names GDS Transport; see build.rs".to_owned());
        }
        let mut out = String::with_capacity(css.len());
        let mut rest = css.as_str();
        while let Some((before, after)) = rest.split_once("url(") {
            let (address, tail) = after
                .split_once(')')
                .ok_or_else(|| "a style sheet has an unfinished url(".to_owned())?;
            out.push_str(before);
            out.push_str(&self.picture(address, pictures)?);
            rest = tail;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn picture(&mut self, address: &str, pictures: &Path) -> Built<String> {
        let name = address
            .trim_matches(['"', '\''])
            .strip_prefix("/assets/images/")
            .ok_or_else(|| {
                format!("a style sheet asks for {address}, which the server does not hold")
            })?;
        if name == CREST {
            return Ok("none".to_owned());
        }
        let hashed = self.add(name, &read(&pictures.join("images").join(name))?)?;
        Ok(format!("url({hashed})"))
    }

    fn listing(&self) -> String {
        let mut code = String::from("pub(crate) static ASSETS: &[Asset] = &[\n");
        for (name, hashed) in &self.names {
            let file = self.place.join(hashed);
            let kind = content_type(name);
            let _ = writeln!(
                code,
                "    Asset {{ name: {name:?}, path: {:?}, content_type: {kind:?}, bytes: include_bytes!({file}) }},",
                format!("/assets/{hashed}"),
                file = literal(&file),
            );
        }
        code.push_str("];\n");
        code
    }
}

fn content_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|e| e.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

fn without_font_faces(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("@font-face{") {
        out.push_str(before);
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}

/// A map would point at a file that is not served.
fn without_source_map(content: &str) -> &str {
    let end = ["/*# sourceMappingURL", "//# sourceMappingURL"]
        .iter()
        .filter_map(|mark| content.rfind(mark))
        .min()
        .unwrap_or(content.len());
    content.get(..end).unwrap_or(content).trim_end()
}

// ---- templates and the one inline script

fn template_listing(templates: &Path) -> Built<String> {
    let mut files = Vec::new();
    walk(templates, &mut files)?;
    files.sort();
    let mut code = String::from("pub(crate) static TEMPLATES: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file
            .strip_prefix(templates)
            .map_err(|e| format!("{}: {e}", file.display()))?
            .to_string_lossy()
            .replace('\\', "/");
        let _ = writeln!(code, "    ({name:?}, include_str!({})),", literal(&file));
    }
    code.push_str("];\n");
    Ok(code)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Built<()> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries {
        let path = entry
            .map_err(|e| format!("{}: {e}", folder.display()))?
            .path();
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        if path.is_dir() && !matches!(name.as_str(), "node_modules" | "assets") {
            walk(&path, files)?;
        } else if matches!(
            path.extension().and_then(|e| e.to_str()),
            Some("html" | "txt")
        ) {
            files.push(path);
        }
    }
    Ok(())
}

/// The design system's own snippet and its hash, so that an upgrade carries both.
fn inline_script(modules: &Path) -> Built<String> {
    let template = text(&modules.join(GOVUK).join("template.njk"))?;
    let script = template
        .split_once("document.body.className")
        .and_then(|(_, tail)| tail.split_once("</script>"))
        .map(|(body, _)| format!("document.body.className{body}"))
        .ok_or_else(|| "govuk-frontend's template.njk has no inline script".to_owned())?;
    let hash = base64(&Sha256::digest(script.as_bytes()));
    Ok(format!(
        "pub(crate) const SCRIPT: &str = {script:?};\npub(crate) const SCRIPT_HASH: &str = \"'sha256-{hash}'\";\n"
    ))
}

// ---- small things

fn read(path: &Path) -> Built<Vec<u8>> {
    fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

fn text(path: &Path) -> Built<String> {
    fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

/// Leaves a file that already says this alone, so that cargo does not build again for nothing.
fn write(path: &Path, content: &[u8]) -> Built<()> {
    if fs::read(path).is_ok_and(|was| was == content) {
        return Ok(());
    }
    fs::write(path, content).map_err(|e| format!("cannot write {}: {e}", path.display()))
}

/// A path as a Rust string literal.
fn literal(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let group = (0..3).fold(0_usize, |sum, at| {
            (sum << 8) | three.get(at).copied().map_or(0, usize::from)
        });
        for at in 0..4 {
            let digit = DIGITS
                .get((group >> (18 - 6 * at)) & 63)
                .copied()
                .unwrap_or(b'=');
            out.push(if at <= three.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    out
}
