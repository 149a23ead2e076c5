<?php
/*
 * Hands whoever is signed in to the PBX over to massivesms.
 *
 * Makes the signed words (service/massivesms/handover.py reads them) and the frame
 * that they are posted into. It checks no rights: the PBX has let the user in before
 * it calls this. One file for Issabel, Elastix and FreePBX; a test keeps the copies
 * alike. Written so that PHP 5.4 reads it as well as PHP 8.
 *
 * Part of massivesms, GPL-2.0-or-later.
 */

/* The key of 64 hexadecimal digits as bytes; NULL when it cannot be used. */
function massivesms_key($file)
{
    if (!@is_readable($file) || (fileperms($file) & 0007) != 0) {
        return null;
    }
    $digits = trim((string) file_get_contents($file));
    return preg_match('/^[0-9a-fA-F]{64}$/', $digits) ? pack('H*', $digits) : null;
}

/* 32 hexadecimal digits that nobody can guess; '' when this PHP has none. */
function massivesms_nonce()
{
    if (function_exists('random_bytes')) {
        return bin2hex(random_bytes(16));
    }
    $is_strong = false;
    $bytes = openssl_random_pseudo_bytes(16, $is_strong);
    return $is_strong ? bin2hex($bytes) : '';
}

/* What is signed: $who is as massivesms_frame() takes it. */
function massivesms_token($who, $target, $now, $nonce)
{
    $is_extension = preg_match('/^[0-9*#+]{1,20}$/', (string) $who['extension']);
    return http_build_query(array(
        'v' => '1',
        'aud' => 'massivesms',
        'source' => $who['source'],
        'user' => $who['name'],
        'uid' => (string) $who['id'],
        'ext' => $is_extension ? $who['extension'] : '',
        'admin' => $who['is_administrator'] ? '1' : '0',
        'groups' => implode("\n", $who['groups']),
        'privs' => implode("\n", $who['privileges']),
        'known' => implode("\n", $who['is_administrator'] ? $who['known_groups'] : array()),
        'lang' => preg_replace('/[^A-Za-z_-].*$/', '', (string) $who['language']),
        'target' => $target,
        'iat' => (string) $now,
        'exp' => (string) ($now + 60),
        'nonce' => $nonce,
    ), '', '&');
}

/*
 * The frame as HTML, or one sentence that says why there is none.
 *
 * $who: source, name, id, extension, is_administrator, groups, privileges,
 * known_groups, language. $target: the page that is wanted, one word.
 * $key_file, $address: see configs/default.conf.php.
 */
function massivesms_frame($who, $target, $key_file, $address)
{
    $words = massivesms_words($who['language']);
    $key = massivesms_key($key_file);
    $nonce = massivesms_nonce();
    if ($key === null || $nonce === '') {
        return '<p class="massivesms-problem" role="alert">'
            . massivesms_html($words[$key === null ? 'no_key' : 'no_nonce']) . '</p>';
    }
    $token = massivesms_token($who, $target, time(), $nonce);
    $fields = array('token' => $token, 'signature' => hash_hmac('sha256', $token, $key));
    $form = '';
    foreach ($fields as $name => $value) {
        $form .= '<input type="hidden" name="' . $name . '" value="'
            . massivesms_html($value) . '">';
    }
    return '<form id="massivesms-handover" method="post" target="massivesms" action="'
        . massivesms_html($address . '/sso') . '">' . $form
        . '<noscript><button type="submit">' . massivesms_html($words['open'])
        . '</button></noscript></form>'
        . '<iframe id="massivesms-frame" class="massivesms-frame" name="massivesms" title="'
        . massivesms_html($words['title']) . '"></iframe>';
}

function massivesms_html($text)
{
    return htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
}

/* The few sentences of this file in the language of the PBX's user. */
function massivesms_words($language)
{
    if (strtolower(substr((string) $language, 0, 2)) === 'es') {
        return array(
            'title' => 'SMS masivos',
            'open' => 'Abrir massivesms',
            'no_key' => 'massivesms aún no está conectado con la centralita: falta la clave común,'
                . ' está dañada o todos pueden leerla. Un administrador tiene que ejecutar'
                . ' en el servidor, como root: massivesms setup',
            'no_nonce' => 'Este PHP no tiene números aleatorios seguros: falta su módulo openssl.',
        );
    }
    return array(
        'title' => 'Massive SMS',
        'open' => 'Open massivesms',
        'no_key' => 'massivesms is not connected with the PBX yet: the common key is missing,'
            . ' damaged or can be read by everybody. An administrator has to run on the'
            . ' server, as root: massivesms setup',
        'no_nonce' => 'This PHP has no safe random numbers: its module openssl is missing.',
    );
}
