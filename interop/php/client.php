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

function call(stdClass $asked): array
{
    $client = new SoapClient("{$asked->url}?wsdl", [
        'location' => $asked->url,
        'soap_version' => $asked->version === '1.2' ? SOAP_1_2 : SOAP_1_1,
        'stream_context' => stream_context_create(['http' => ['header' => "Authorization: Bearer {$asked->key}"]]),
        'cache_wsdl' => WSDL_CACHE_NONE,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'connection_timeout' => 30,
    ]);
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
