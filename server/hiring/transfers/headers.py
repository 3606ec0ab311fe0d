"""What the columns of other people's lists are called, in the languages in which we have seen them."""

import unicodedata
from collections.abc import Mapping

from server.hiring.views.transfers import Field

# What our own files call their columns; the workspace's own fields come after the tags.
COLUMNS = (
    "Name", "E-mail", "Phone", "Location", "Headline", "Links", "Tags", "Source", "Stage", "Progress", "Answers",
    "Added", "Last change", "Consent", "Page",
)  # fmt: skip
OWN_AT = COLUMNS.index("Tags") + 1

HEADERS: Mapping[Field, tuple[str, ...]] = {
    "name": (
        "name", "full name", "candidate", "candidate name", "applicant", "applicant name", "display name", "person",
        "vollständiger name", "bewerber", "bewerberin", "kandidat", "kandidatin", "nom complet", "candidat",
        "nombre completo", "candidato", "candidata", "nome completo", "nominativo", "volledige naam", "naam",
        "kandidaat", "imię i nazwisko", "kandydat", "namn", "fullständigt namn", "navn", "fulde navn", "nimi",
        "jméno a příjmení", "ad soyad", "ad\u0131 soyad\u0131", "имя и фамилия", "фио", "кандидат", "піб", "氏名",
        "名前", "姓名", "이름", "성명", "الاسم", "الاسم الكامل", "שם מלא", "שם", "név", "nume complet", "ονοματεπώνυμο",
    ),
    "first_name": (
        "first name", "firstname", "given name", "given names", "forename", "vorname", "prénom", "nombre", "nombres",
        "nome", "primeiro nome", "voornaam", "imię", "förnamn", "fornavn", "etunimi", "jméno", "ad", "имя", "ім'я",
        "名", "الاسم الأول", "שם פרטי", "keresztnév", "prenume",
    ),
    "last_name": (
        "last name", "lastname", "surname", "family name", "nachname", "familienname", "nom", "nom de famille",
        "apellido", "apellidos", "cognome", "sobrenome", "apelido", "achternaam", "nazwisko", "efternamn", "efternavn",
        "etternavn", "sukunimi", "příjmení", "soyad", "soyad\u0131", "фамилия", "прізвище", "姓", "اسم العائلة",
        "שם משפחה", "vezetéknév", "nume",
    ),
    "email": (
        "email", "e-mail", "mail", "email address", "e-mail address", "mail address", "work email", "personal email",
        "candidate email", "primary email", "e-mail-adresse", "mailadresse", "courriel", "adresse e-mail",
        "adresse mail", "adresse électronique", "correo", "correo electrónico", "indirizzo email",
        "posta elettronica", "endereço de e-mail", "e-mailadres", "adres e-mail", "e-post", "e-postadress",
        "epostadresse", "sähköposti", "e-posta", "e-posta adresi", "почта", "электронная почта", "имейл",
        "эл. почта", "електронна пошта", "メール", "メールアドレス", "邮箱", "电子邮件", "電子郵件", "이메일",
        "البريد الإلكتروني", "דוא״ל", "אימייל", "elektronikus levél", "ηλεκτρονικό ταχυδρομείο",
    ),
    "phone": (
        "phone", "telephone", "phone number", "mobile", "mobile phone", "mobile number", "cell", "cell phone", "tel",
        "telefon", "telefonnummer", "handy", "mobil", "rufnummer", "téléphone", "portable", "numéro de téléphone",
        "teléfono", "móvil", "celular", "telefono", "cellulare", "telefone", "telemóvel", "telefoon",
        "telefoonnummer", "numer telefonu", "komórka", "puhelin", "puhelinnumero", "telefon numaras\u0131", "телефон",
        "電話", "電話番号", "电话", "手机", "전화번호", "휴대폰", "الهاتف", "رقم الهاتف", "טלפון", "τηλέφωνο",
    ),
    "location": (
        "location", "city", "place", "town", "address", "based in", "lives in", "ort", "stadt", "wohnort", "standort",
        "ville", "lieu", "localisation", "ciudad", "ubicación", "localidad", "città", "luogo", "cidade",
        "localização", "stad", "plaats", "woonplaats", "miasto", "miejscowość", "ort och land", "by", "kaupunki",
        "město", "şehir", "город", "місто", "所在地", "住所", "城市", "도시", "المدينة", "עיר", "πόλη",
    ),
    "headline": (
        "headline", "title", "job title", "current title", "position", "current position", "role", "current role",
        "occupation", "company", "current company", "employer", "titel", "beruf", "berufsbezeichnung", "firma",
        "arbeitgeber", "poste", "poste actuel", "intitulé", "entreprise", "puesto", "cargo", "empresa", "posizione",
        "ruolo", "azienda", "functie", "stanowisko", "должность", "職種", "役職", "职位", "직책",
    ),
    "link": (
        "link", "links", "url", "website", "web", "homepage", "linkedin", "linkedin url", "linkedin profile",
        "profile url", "github", "github url", "portfolio", "portfolio url", "webseite", "profil", "site web",
        "sitio web", "sito web", "página web", "strona", "webbplats", "сайт", "ссылка", "ウェブサイト", "网站",
    ),
    "tags": (
        "tags", "tag", "labels", "label", "keywords", "skills", "schlagwörter", "schlagworte", "stichworte",
        "étiquettes", "mots-clés", "etiquetas", "palabras clave", "etichette", "trefwoorden", "etykiety", "taggar",
        "tunnisteet",
        "štítky", "etiketler", "теги", "метки", "теґи", "タグ", "标签", "태그", "الوسوم", "תגיות", "ετικέτες",
    ),
    "source": (
        "source", "channel", "referrer", "referred by", "origin", "how did you hear about us", "quelle", "kanal",
        "herkunft", "canal", "origine", "fuente", "origen", "fonte", "provenienza", "origem", "bron", "źródło",
        "källa", "kilde", "zdroj", "kaynak", "источник", "джерело", "応募経路", "来源", "출처", "المصدر", "מקור",
    ),
    "stage": (
        "stage", "status", "step", "phase", "stufe", "étape", "statut", "etapa", "estado", "fase", "stato", "fase",
        "etap", "steg", "trin", "vaihe", "aşama", "этап", "статус", "選考段階", "阶段", "단계", "المرحلة", "שלב",
    ),
}  # fmt: skip


def bare(text: str) -> str:
    """A header or a stage's name in the form in which two are compared: letters and digits without their marks."""
    flat = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in flat if unicodedata.category(c)[0] in "LN")


FIELDS: Mapping[str, Field] = {bare(name): field for field, names in HEADERS.items() for name in names}
