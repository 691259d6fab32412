<?php
// The register of register.wsdl on PHP's SoapServer, behind PHP's own web server; SOAP 1.1 or 1.2 as it is called.
//   REGISTER_WSDL=register.wsdl php -S 127.0.0.1:PORT server.php
declare(strict_types=1);

final class Register
{
    public function register(stdClass $asked): stdClass
    {
        if ($asked->owner === 'từ chối') {
            throw new SoapFault('Server', 'từ chối', '', (object) ['code' => 17, 'field' => 'owner'], 'refused');
        }
        $files = isset($asked->file) ? (is_array($asked->file) ? $asked->file : [$asked->file]) : [];
        $contents = array_map(fn (stdClass $file): string => $file->content, $files);
        $proof = hash('sha256', $asked->owner . implode('', $contents));
        return (object) ['number' => "PHP-{$asked->code}", 'proof' => $proof, 'receipt' => "\r\n{$asked->owner}\r\n"];
    }
}

$is12 = str_starts_with($_SERVER['CONTENT_TYPE'] ?? '', 'application/soap+xml');
$server = new SoapServer(getenv('REGISTER_WSDL'), [
    'soap_version' => $is12 ? SOAP_1_2 : SOAP_1_1,
    'cache_wsdl' => WSDL_CACHE_NONE,
]);
$server->setClass(Register::class);
$server->handle();
