import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.xml.namespace.QName;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.soap.SOAPPart;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMResult;
import javax.xml.transform.dom.DOMSource;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.WSPasswordCallback;
import org.apache.ws.security.WSSecurityEngine;
import org.apache.ws.security.WSSecurityEngineResult;
import org.apache.ws.security.components.crypto.Merlin;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecTimestamp;
import org.apache.ws.security.message.WSSecUsernameToken;
import org.w3c.dom.Document;

/** WS-Security by WSS4J in a JAX-WS handler: "username" (digest) or "signature" (X.509 over Body and Timestamp). */
public final class Secured implements SOAPHandler<SOAPMessageContext> {
    private static final char[] OPEN = "open".toCharArray();
    private final String kind;
    private final String user;
    private final String password;
    private final boolean isClient;
    private final Merlin crypto = new Merlin();

    /** `keys` holds peer.pem (our key and certificate) and gateway-certificate.pem (whom we believe). */
    public Secured(String kind, String user, String password, Path keys, boolean isClient) throws Exception {
        this.kind = kind;
        this.user = user;
        this.password = password;
        this.isClient = isClient;
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, OPEN);
        Certificate own = certificate(keys.resolve("peer.pem"));
        store.setKeyEntry("peer", key(keys.resolve("peer.pem")), OPEN, new Certificate[] {own});
        store.setCertificateEntry("gateway", certificate(keys.resolve("gateway-certificate.pem")));
        crypto.setKeyStore(store);
    }

    @Override
    public boolean handleMessage(SOAPMessageContext context) {
        boolean isOutbound = (Boolean) context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY);
        try {
            if (isOutbound) {
                SOAPPart part = context.getMessage().getSOAPPart();
                Document message = plain(part);
                protect(message);
                part.setContent(new DOMSource(message));
                context.getMessage().saveChanges();
            } else if (!isClient || kind.equals("signature")) {
                verify(context.getMessage().getSOAPPart());
            }
            return true;
        } catch (Exception error) {
            throw new IllegalStateException("WS-Security: " + error.getMessage(), error);
        }
    }

    /** A copy in a document of its own: WSS4J makes nodes that SAAJ's own documents do not take. */
    private static Document plain(SOAPPart part) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document copy = factory.newDocumentBuilder().newDocument();
        TransformerFactory.newInstance().newTransformer().transform(part.getContent(), new DOMResult(copy));
        return copy;
    }

    private void protect(Document message) throws Exception {
        if (!isClient && kind.equals("username")) {
            return;
        }
        WSSecHeader header = new WSSecHeader();
        header.setMustUnderstand(true);
        header.insertSecurityHeader(message);
        WSSecTimestamp timestamp = new WSSecTimestamp();
        timestamp.setTimeToLive(300);
        timestamp.build(message, header);
        if (kind.equals("username")) {
            WSSecUsernameToken token = new WSSecUsernameToken();
            token.setPasswordType(WSConstants.PASSWORD_DIGEST);
            token.setUserInfo(user, password);
            token.build(message, header);
            return;
        }
        WSSecSignature signature = new WSSecSignature();
        signature.setUserInfo("peer", new String(OPEN));
        signature.setKeyIdentifierType(WSConstants.BST_DIRECT_REFERENCE);
        signature.setSignatureAlgorithm("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
        signature.setDigestAlgo("http://www.w3.org/2001/04/xmlenc#sha256");
        List<WSEncryptionPart> parts = new ArrayList<>();
        parts.add(new WSEncryptionPart("Body", message.getDocumentElement().getNamespaceURI(), ""));
        parts.add(new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, ""));
        signature.setParts(parts);
        signature.build(message, crypto, header);
    }

    private void verify(Document message) throws Exception {
        CallbackHandler passwords = callbacks -> {
            for (Callback one : callbacks) {
                ((WSPasswordCallback) one).setPassword(password);
            }
        };
        List<WSSecurityEngineResult> results =
            new WSSecurityEngine().processSecurityHeader(message, null, passwords, crypto);
        int wanted = kind.equals("username") ? WSConstants.UT : WSConstants.SIGN;
        Set<Integer> done = new HashSet<>();
        for (WSSecurityEngineResult result : results == null ? List.<WSSecurityEngineResult>of() : results) {
            done.add((Integer) result.get(WSSecurityEngineResult.TAG_ACTION));
        }
        if (!done.contains(wanted) || !done.contains(WSConstants.TS)) {
            throw new IllegalStateException("not proved: " + done);
        }
    }

    @Override
    public boolean handleFault(SOAPMessageContext context) {
        boolean isOutbound = (Boolean) context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY);
        return !isOutbound || handleMessage(context);
    }

    @Override
    public void close(MessageContext context) {}

    @Override
    public Set<QName> getHeaders() {
        return Set.of(new QName(WSConstants.WSSE_NS, "Security"));
    }

    private static Certificate certificate(Path path) throws Exception {
        return CertificateFactory.getInstance("X.509").generateCertificate(
            new ByteArrayInputStream(block(path, "CERTIFICATE")));
    }

    private static PrivateKey key(Path path) throws Exception {
        return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(block(path, "PRIVATE KEY")));
    }

    private static byte[] block(Path path, String name) throws Exception {
        String text = Files.readString(path);
        int begin = text.indexOf("-----BEGIN " + name + "-----") + name.length() + 16;
        return Base64.getMimeDecoder().decode(text.substring(begin, text.indexOf("-----END " + name + "-----")));
    }
}
