import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import javax.jws.WebService;
import javax.xml.ws.BindingType;
import javax.xml.ws.Endpoint;
import javax.xml.ws.Holder;
import javax.xml.ws.soap.MTOM;
import javax.xml.ws.soap.SOAPBinding;
import register.File;
import register.Refusal;
import register.Refused;
import register.Register;

/**
 * The register of register.wsdl on JAX-WS. Prints "listening PORT"; /11 and /12, each also with mtom, username or
 * signature behind it. Arguments: the folder of keys, a user's name and password.
 */
public final class Server {
    private static final String NAMESPACE = "urn:provincial-gateway:interop:register";

    public static void main(String[] words) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(2));
        Endpoint.create(new Plain11()).publish(server.createContext("/11"));
        Endpoint.create(new Plain12()).publish(server.createContext("/12"));
        Endpoint.create(new Mtom11()).publish(server.createContext("/11mtom"));
        Endpoint.create(new Mtom12()).publish(server.createContext("/12mtom"));
        for (String kind : List.of("username", "signature")) {
            publish(new Plain11(), kind, words, server.createContext("/11" + kind));
            publish(new Plain12(), kind, words, server.createContext("/12" + kind));
        }
        server.start();
        System.out.println("listening " + server.getAddress().getPort());
    }

    private static void publish(Object desk, String kind, String[] words, HttpContext place) throws Exception {
        Endpoint endpoint = Endpoint.create(desk);
        endpoint.getBinding().setHandlerChain(
            List.of(new Secured(kind, words[1], words[2], Path.of(words[0]), false)));
        endpoint.publish(place);
    }

    @WebService(endpointInterface = "register.Register", targetNamespace = NAMESPACE)
    public static class Plain11 extends Desk {}

    @WebService(endpointInterface = "register.Register", targetNamespace = NAMESPACE)
    @BindingType(SOAPBinding.SOAP12HTTP_BINDING)
    public static class Plain12 extends Desk {}

    @MTOM
    @WebService(endpointInterface = "register.Register", targetNamespace = NAMESPACE)
    public static class Mtom11 extends Desk {}

    @MTOM
    @WebService(endpointInterface = "register.Register", targetNamespace = NAMESPACE)
    @BindingType(SOAPBinding.SOAP12HTTP_BINDING)
    public static class Mtom12 extends Desk {}

    /** What all four do. */
    public static class Desk implements Register {
        @Override
        public void register(
            String code,
            String owner,
            List<File> files,
            Holder<String> number,
            Holder<String> proof,
            Holder<byte[]> receipt)
            throws Refused {
            if (owner.equals("từ chối")) {
                Refusal refusal = new Refusal();
                refusal.setCode(17);
                refusal.setField("owner");
                throw new Refused("từ chối", refusal);
            }
            number.value = "JAXWS-" + code;
            proof.value = proofOf(owner, files);
            receipt.value = ("\r\n" + owner + "\r\n").getBytes(StandardCharsets.UTF_8);
        }

        private static String proofOf(String owner, List<File> files) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(owner.getBytes(StandardCharsets.UTF_8));
                for (File file : files) {
                    digest.update(file.getContent());
                }
                return HexFormat.of().formatHex(digest.digest());
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
