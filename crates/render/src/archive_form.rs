//! What makes a PDF fit for archives, PDF/A-2u (ISO 19005-2): metadata in XMP and an output intent.
//! The rest of the standard is kept by what is written anyway: fonts embedded with their characters,
//! no encryption, nothing outside the file.

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

use super::pdf::PdfProperties;

/// Adds XMP metadata and the output intent to the catalogue.
pub(super) fn archive_form(file: &mut Document, properties: &PdfProperties) -> Result<(), lopdf::Error> {
    file.version = "1.7".to_owned();
    let kind = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
    let metadata = file.add_object(Stream::new(kind, xmp(properties).into_bytes()).with_compression(false));
    let profile = file.add_object(Stream::new(dictionary! { "N" => 3 }, srgb()));
    let intent: Dictionary = dictionary! {
        "Type" => "OutputIntent",
        "S" => "GTS_PDFA1",
        "OutputConditionIdentifier" => Object::string_literal("sRGB IEC61966-2.1"),
        "Info" => Object::string_literal("sRGB IEC61966-2.1"),
        "DestOutputProfile" => profile,
    };
    let catalog = file.catalog_mut()?;
    catalog.set("Metadata", metadata);
    catalog.set("OutputIntents", vec![Object::Dictionary(intent)]);
    Ok(())
}

/// The same facts as in the information dictionary.
fn xmp(properties: &PdfProperties) -> String {
    let date = properties.created.strftime("%Y-%m-%dT%H:%M:%SZ");
    let (title, author, language) =
        (escaped(&properties.title), escaped(&properties.author), escaped(&properties.language));
    let producer = super::pdf::PRODUCER;
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>Tongbao</xmp:CreatorTool><xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"#,
        bom = '\u{FEFF}',
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An ICC profile (version 2.1) of the sRGB colour space, IEC 61966-2-1: primaries adapted to D50 and
/// the tone curve as a table.
fn srgb() -> Vec<u8> {
    let text = b"sRGB IEC61966-2.1";
    let xyz = |values: [f64; 3]| -> Vec<u8> {
        let numbers = values.into_iter().flat_map(|v| ((v * 65_536.0).round() as i32).to_be_bytes());
        b"XYZ \0\0\0\0".iter().copied().chain(numbers).collect()
    };
    let mut described = b"desc\0\0\0\0".to_vec();
    described.extend((text.len() as u32 + 1).to_be_bytes());
    described.extend(text);
    // The end of the text, and no names in other scripts.
    described.resize(described.len() + 1 + 78, 0);
    let owner = b"text\0\0\0\0No copyright, use freely\0".to_vec();
    let tags = [
        (b"desc", described),
        (b"cprt", owner),
        (b"wtpt", xyz([0.9642, 1.0, 0.8249])),
        (b"rXYZ", xyz([0.436_07, 0.222_49, 0.013_92])),
        (b"gXYZ", xyz([0.385_15, 0.716_87, 0.097_08])),
        (b"bXYZ", xyz([0.143_07, 0.060_61, 0.714_1])),
        (b"rTRC", tone_curve()),
        (b"gTRC", Vec::new()),
        (b"bTRC", Vec::new()),
    ];
    profile(&tags)
}

/// From the coded to the linear value, in 256 steps.
fn tone_curve() -> Vec<u8> {
    let mut out = b"curv\0\0\0\0".to_vec();
    out.extend(256_u32.to_be_bytes());
    for step in 0..256 {
        let coded = f64::from(step) / 255.0;
        let linear = if coded <= 0.040_45 { coded / 12.92 } else { ((coded + 0.055) / 1.055).powf(2.4) };
        out.extend(((linear * 65_535.0).round() as u16).to_be_bytes());
    }
    out
}

/// Header, table of tags and their data; a tag without data shares that of the tag before it.
fn profile(tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let start = 128 + 4 + 12 * tags.len();
    let (mut table, mut data) = ((tags.len() as u32).to_be_bytes().to_vec(), Vec::new());
    let mut place = (0, 0);
    for (name, bytes) in tags {
        if !bytes.is_empty() {
            place = (start + data.len(), bytes.len());
            data.extend(bytes);
            data.resize(data.len().next_multiple_of(4), 0);
        }
        table.extend(*name);
        table.extend((place.0 as u32).to_be_bytes());
        table.extend((place.1 as u32).to_be_bytes());
    }
    let mut out = ((start + data.len()) as u32).to_be_bytes().to_vec();
    out.extend(b"\0\0\0\0\x02\x10\0\0mntrRGB XYZ ");
    // 2000-01-01; ICC.1, table 18: date, signature, and for the rest nothing.
    out.extend([7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    out.extend(b"acsp");
    out.resize(68, 0);
    // The illuminant of the connection space, D50.
    out.extend([0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D]);
    out.resize(128, 0);
    out.extend(table);
    out.extend(data);
    out
}
