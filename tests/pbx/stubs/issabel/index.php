<?php
/* Issabel's front door as modules see it: sign-in, menu, rights, then the module's
   own text in the middle of the page. Written anew from its behaviour; tests only. */
ini_set('include_path', __DIR__ . '/libs:' . ini_get('include_path'));
require_once 'libs/misc.lib.php';
require_once 'configs/default.conf.php'; // written by the test: $arrConf
require_once 'libs/paloSantoDB.class.php';
require_once 'libs/paloSantoACL.class.php';

$flavour = $arrConf['flavour']; // issabel or elastix
session_name($flavour . 'Session');
session_start();

$arrLang = array();
foreach (glob('modules/*/langmenu/' . get_language() . '.lang') as $file) {
    include_once $file;
    $arrLang = array_merge($arrLang, $arrLangMenu);
}

$database = new paloDB($arrConf[$flavour . '_dsn']['acl']);
$pACL = new paloACL($database);
if (isset($_POST['input_user'])
    && $pACL->authenticateUser($_POST['input_user'], md5($_POST['input_pass']))) {
    session_regenerate_id(true);
    $_SESSION[$flavour . '_user'] = $_POST['input_user'];
    $_SESSION[$flavour . '_pass'] = md5($_POST['input_pass']);
    header('Location: index.php?menu=' . urlencode((string) getParameter('menu')));
    exit;
}
$user = isset($_SESSION[$flavour . '_user']) ? $_SESSION[$flavour . '_user'] : null;
if ($user === null) {
    http_response_code(403);
    echo '<form method="post"><input name="input_user"><input name="input_pass"></form>';
    exit;
}

$menu = new paloDB($arrConf[$flavour . '_dsn']['menu']);
$selected = (string) getParameter('menu');
$idUser = $pACL->getIdUser($user);
$entries = array();
foreach ($menu->fetchTable('SELECT id, Name, Type FROM menu ORDER BY IdParent, order_no', true) as $entry) {
    $is_open = $pACL->isUserAuthorizedById($idUser, 'access', $entry['id']);
    // Only entries of the type "module" are asked for rights.
    if ($is_open || $entry['Type'] === 'framed') {
        $entries[$entry['id']] = $entry;
    }
}
$content = '';
if (isset($entries[$selected]) && $entries[$selected]['Type'] === 'module') {
    require_once "modules/$selected/index.php";
    $smarty = new stdClass();
    $content = _moduleContent($smarty, $selected);
}
if (getParameter('rawmode') === 'yes') {
    echo $content;
    exit;
}
?>
<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>PBX</title><link rel="icon" href="data:,">
<style>body { margin: 0; font: 14px sans-serif; } header { background: #333; color: #fff; padding: 8px; }
nav a { color: #fff; margin-right: 12px; } .content { padding: 0 8px; }</style></head>
<body><header>PBX <nav>
<?php foreach ($entries as $id => $entry) { ?>
<a href="index.php?menu=<?php echo $id ?>"><?php echo htmlspecialchars(_tr($entry['Name'])) ?></a>
<?php } ?>
</nav></header>
<div class="content"><?php echo $content ?></div></body></html>
