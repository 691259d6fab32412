<?php
// A ministry's client on PHP's SoapClient: one call of the gateway's SOAP door, as told on standard input; prints JSON.
declare(strict_types=1);

function submission(stdClass $asked): array
{
    $file = ['name' => 'kết quả.pdf', 'mediaType' => 'application/pdf', 'content' => file_get_contents($asked->file)];
    $dossier = ['code' => $asked->dossier];
    return ['item' => [
        ['dossier' => $dossier, 'sourceEventId' => "{$asked->event}-1", 'text' => $asked->text, 'statusChanged' => ['status' => 4]],
        ['dossier' => $dossier, 'sourceEventId' => "{$asked->event}-2", 'resultIssued' => ['name' => $asked->text, 'files' => [$file]]],
    ]];
}

// PHP has no WS-Security: the header is written by hand, as its users do.
function security(stdClass $asked): SoapHeader
{
    $base = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';
    [$wsse, $wsu] = ["$base-wssecurity-secext-1.0.xsd", "$base-wssecurity-utility-1.0.xsd"];
    $nonce = random_bytes(16);
    [$created, $expires] = [gmdate('Y-m-d\TH:i:s\Z'), gmdate('Y-m-d\TH:i:s\Z', time() + 300)];
    $digest = base64_encode(sha1($nonce . $created . $asked->password, true));
    $encoded = base64_encode($nonce);
    $xml = "<wsse:Security xmlns:wsse='$wsse' xmlns:wsu='$wsu'>"
        . "<wsu:Timestamp><wsu:Created>$created</wsu:Created><wsu:Expires>$expires</wsu:Expires></wsu:Timestamp>"
        . "<wsse:UsernameToken><wsse:Username>{$asked->user}</wsse:Username>"
        . "<wsse:Password Type='$base-username-token-profile-1.0#PasswordDigest'>$digest</wsse:Password>"
        . "<wsse:Nonce EncodingType='$base-soap-message-security-1.0#Base64Binary'>$encoded</wsse:Nonce>"
        . "<wsu:Created>$created</wsu:Created></wsse:UsernameToken></wsse:Security>";
    return new SoapHeader($wsse, 'Security', new SoapVar($xml, XSD_ANYXML), true);
}

function call(stdClass $asked): array
{
    $http = $asked->security ? [] : ['header' => "Authorization: Bearer {$asked->key}"];
    $client = new SoapClient("{$asked->url}?wsdl", [
        'location' => $asked->url,
        'soap_version' => $asked->version === '1.2' ? SOAP_1_2 : SOAP_1_1,
        'stream_context' => stream_context_create(['http' => $http]),
        'cache_wsdl' => WSDL_CACHE_NONE,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'connection_timeout' => 30,
    ]);
    if ($asked->security) {
        $client->__setSoapHeaders([security($asked)]);
    }
    $answer = $client->submitEvents(submission($asked));
    return ['items' => array_map(
        fn (stdClass $item): string => $item->receipt->messageId ?? "problem: {$item->problem->code}",
        $answer->item,
    )];
}

$asked = json_decode(file_get_contents('php://stdin'));
try {
    $said = call($asked);
} catch (SoapFault $fault) {
    $detail = $fault->detail->gatewayFault ?? null;
    $said = $detail ? ['fault' => $detail->code, 'text' => $fault->getMessage()] : ['error' => $fault->getMessage()];
}
echo json_encode($said, JSON_UNESCAPED_UNICODE), "\n";
