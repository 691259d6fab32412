import gateway.events.DossierRef;
import gateway.events.Events;
import gateway.events.EventsService;
import gateway.events.FileRef;
import gateway.events.GatewayFault;
import gateway.events.ItemResult;
import gateway.events.NewEvent;
import gateway.events.Result;
import gateway.events.StatusChange;
import gateway.events.SubmitEvents;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.activation.DataHandler;
import javax.activation.FileDataSource;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.soap.MTOMFeature;

/** A ministry's client on JAX-WS: one call of the gateway's SOAP door, as told by name=value words; prints JSON. */
public final class Client {
    public static void main(String[] words) throws Exception {
        Map<String, String> asked = new HashMap<>();
        for (String word : words) {
            String[] parts = word.split("=", 2);
            asked.put(parts[0], parts[1]);
        }
        try {
            List<String> items = new ArrayList<>();
            for (ItemResult item : connect(asked).submitEvents(submission(asked)).getItem()) {
                boolean taken = item.getReceipt() != null;
                items.add(quoted(taken ? item.getReceipt().getMessageId() : "problem: " + item.getProblem().getCode()));
            }
            System.out.println("{\"items\": [" + String.join(", ", items) + "]}");
        } catch (GatewayFault fault) {
            String code = quoted(fault.getFaultInfo().getCode());
            System.out.println("{\"fault\": " + code + ", \"text\": " + quoted(fault.getMessage()) + "}");
        } catch (RuntimeException error) {
            System.out.println("{\"error\": " + quoted(String.valueOf(error)) + "}");
        }
    }

    private static Events connect(Map<String, String> asked) throws Exception {
        EventsService service = new EventsService(new URL(asked.get("url") + "?wsdl"));
        MTOMFeature mtom = new MTOMFeature(asked.get("mtom").equals("true"));
        boolean is12 = asked.get("version").equals("1.2");
        Events port = is12 ? service.getEventsSoap12(mtom) : service.getEventsSoap11(mtom);
        Map<String, Object> context = ((BindingProvider) port).getRequestContext();
        context.put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, asked.get("url"));
        String kind = asked.get("security");
        if (kind.isEmpty()) {
            context.put(
                MessageContext.HTTP_REQUEST_HEADERS, Map.of("Authorization", List.of("Bearer " + asked.get("key"))));
        } else {
            Path keys = Path.of(asked.get("keys"));
            ((BindingProvider) port).getBinding().setHandlerChain(
                List.of(new Secured(kind, asked.get("user"), asked.get("password"), keys, true)));
        }
        return port;
    }

    private static SubmitEvents submission(Map<String, String> asked) {
        StatusChange status = new StatusChange();
        status.setStatus(4);
        NewEvent first = event(asked, 1);
        first.setText(asked.get("text"));
        first.setStatusChanged(status);

        FileRef file = new FileRef();
        file.setName("kết quả.pdf");
        file.setMediaType("application/pdf");
        file.setContent(new DataHandler(new FileDataSource(asked.get("file"))));
        Result result = new Result();
        result.setName(asked.get("text"));
        result.getFiles().add(file);
        NewEvent second = event(asked, 2);
        second.setResultIssued(result);

        SubmitEvents submission = new SubmitEvents();
        submission.getItem().add(first);
        submission.getItem().add(second);
        return submission;
    }

    private static NewEvent event(Map<String, String> asked, int position) {
        DossierRef dossier = new DossierRef();
        dossier.setCode(asked.get("dossier"));
        NewEvent event = new NewEvent();
        event.setDossier(dossier);
        event.setSourceEventId(asked.get("event") + "-" + position);
        return event;
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ") + '"';
    }
}
