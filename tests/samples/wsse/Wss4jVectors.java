// Writes messages as WSS4J 1.6 secures them: java -cp … Wss4jVectors KEYSTORE FOLDER. Everything in them is invented.
import java.io.File;
import java.io.StringReader;
import java.util.List;
import java.util.Properties;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.WSSConfig;
import org.apache.ws.security.components.crypto.Crypto;
import org.apache.ws.security.components.crypto.CryptoFactory;
import org.apache.ws.security.message.WSSecEncrypt;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecTimestamp;
import org.apache.ws.security.message.WSSecUsernameToken;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

public final class Wss4jVectors {
    static final String SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    static final String RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    static final String RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    static final String SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1";
    static final String V11 = "http://schemas.xmlsoap.org/soap/envelope/";
    static final String V12 = "http://www.w3.org/2003/05/soap-envelope";

    static File folder;
    static Crypto crypto;

    public static void main(String[] arguments) throws Exception {
        WSSConfig.init();
        folder = new File(arguments[1]);
        Properties p = new Properties();
        p.setProperty("org.apache.ws.security.crypto.provider", "org.apache.ws.security.components.crypto.Merlin");
        p.setProperty("org.apache.ws.security.crypto.merlin.keystore.type", "pkcs12");
        p.setProperty("org.apache.ws.security.crypto.merlin.keystore.password", "changeit");
        p.setProperty("org.apache.ws.security.crypto.merlin.keystore.alias", "partner");
        p.setProperty("org.apache.ws.security.crypto.merlin.keystore.file", arguments[0]);
        crypto = CryptoFactory.getInstance(p);

        signed("signed-direct", WSConstants.BST_DIRECT_REFERENCE);
        signed("signed-issuer-serial", WSConstants.ISSUER_SERIAL);
        signed("signed-ski", WSConstants.SKI_KEY_IDENTIFIER);
        signed("signed-thumbprint", WSConstants.THUMBPRINT_IDENTIFIER);
        signed("signed-embedded", WSConstants.X509_KEY_IDENTIFIER);
        sha1();
        username("username-digest", WSConstants.PASSWORD_DIGEST);
        username("username-text", WSConstants.PASSWORD_TEXT);
        encrypted("signed-then-encrypted-gcm", WSConstants.AES_256_GCM, true);
        encrypted("encrypted-gcm-128", WSConstants.AES_128_GCM, false);
        encrypted("signed-then-encrypted-cbc", WSConstants.AES_256, true);
        encryptedThenSigned();
    }

    static Document document(String envelope) throws Exception {
        String text = "<soap:Envelope xmlns:soap=\"" + envelope + "\" xmlns:x=\"urn:unused\"><soap:Header/><soap:Body>"
            + "<ping xmlns=\"urn:invented:register\"><code>H01-26-0001</code><name a='1' b='\"2\"'>Nguyễn Văn Thử &amp; con</name>"
            + "<when xmlns:t=\"urn:invented:time\" t:zone=\"+07:00\"> 2026 </when></ping></soap:Body></soap:Envelope>";
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    static void write(String name, Document document) throws Exception {
        var transformer = TransformerFactory.newInstance().newTransformer();
        transformer.transform(new DOMSource(document), new StreamResult(new File(folder, name + ".xml")));
    }

    static WSSecHeader header(Document document) throws Exception {
        WSSecHeader header = new WSSecHeader();
        header.setMustUnderstand(true);
        header.insertSecurityHeader(document);
        return header;
    }

    static WSSecTimestamp stamp(Document document, WSSecHeader header) throws Exception {
        WSSecTimestamp stamp = new WSSecTimestamp();
        stamp.setTimeToLive(300);
        stamp.prepare(document);
        stamp.prependToHeader(header);
        return stamp;
    }

    static void sign(Document document, WSSecHeader header, int kind, String signature, String digest) throws Exception {
        WSSecSignature signer = new WSSecSignature();
        signer.setUserInfo("partner", "changeit");
        signer.setKeyIdentifierType(kind);
        signer.setSignatureAlgorithm(signature);
        signer.setDigestAlgo(digest);
        String soap = document.getDocumentElement().getNamespaceURI();
        signer.setParts(List.of(
            new WSEncryptionPart("Body", soap, ""),
            new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, "")));
        signer.build(document, crypto, header);
    }

    static void signed(String name, int kind) throws Exception {
        Document document = document(kind == WSConstants.SKI_KEY_IDENTIFIER ? V12 : V11);
        WSSecHeader header = header(document);
        stamp(document, header);
        sign(document, header, kind, RSA_SHA256, SHA256);
        write(name, document);
    }

    static void sha1() throws Exception {
        Document document = document(V11);
        WSSecHeader header = header(document);
        stamp(document, header);
        sign(document, header, WSConstants.BST_DIRECT_REFERENCE, RSA_SHA1, SHA1);
        write("signed-sha1", document);
    }

    static void username(String name, String type) throws Exception {
        Document document = document(V11);
        WSSecHeader header = header(document);
        stamp(document, header);
        WSSecUsernameToken token = new WSSecUsernameToken();
        token.setPasswordType(type);
        token.setUserInfo("register", "mật khẩu thử");
        token.addCreated();
        token.addNonce();
        token.build(document, header);
        write(name, document);
    }

    static void encrypt(Document document, WSSecHeader header, String algorithm) throws Exception {
        WSSecEncrypt encrypt = new WSSecEncrypt();
        encrypt.setUserInfo("gateway");
        encrypt.setKeyIdentifierType(WSConstants.ISSUER_SERIAL);
        encrypt.setSymmetricEncAlgorithm(algorithm);
        encrypt.setKeyEncAlgo(WSConstants.KEYTRANSPORT_RSAOEP);
        encrypt.build(document, crypto, header);
    }

    static void encrypted(String name, String algorithm, boolean sign) throws Exception {
        Document document = document(V11);
        WSSecHeader header = header(document);
        stamp(document, header);
        if (sign) sign(document, header, WSConstants.BST_DIRECT_REFERENCE, RSA_SHA256, SHA256);
        encrypt(document, header, algorithm);
        write(name, document);
    }

    static void encryptedThenSigned() throws Exception {
        Document document = document(V11);
        WSSecHeader header = header(document);
        stamp(document, header);
        encrypt(document, header, WSConstants.AES_256_GCM);
        sign(document, header, WSConstants.BST_DIRECT_REFERENCE, RSA_SHA256, SHA256);
        write("encrypted-then-signed", document);
    }
}
