<?php
/* FreePBX's front door as modules see it: sign-in, rights by section, then the page
   of the module with its own scripts and styles. Written anew; tests only. */
require_once 'libraries/freepbx.php';
session_start();

$world = FreePBX::world();
if (isset($_POST['username'])) {
    $user = isset($world['users'][$_POST['username']]) ? $world['users'][$_POST['username']] : null;
    if ($user !== null && $user['password'] === $_POST['password']) {
        $_SESSION['AMP_user'] = new ampuser($_POST['username']);
        header('Location: config.php?display=' . urlencode($_GET['display']));
        exit;
    }
}
if (!isset($_SESSION['AMP_user'])) {
    http_response_code(401);
    exit('Login');
}
$module = 'massivesms';
$items = simplexml_load_file("modules/$module/module.xml")->menuitems->children();
$display = isset($_GET['display']) ? $_GET['display'] : '';
$content = 'You do not have access';
if (isset($items->$display) && $_SESSION['AMP_user']->checkSection($display)) {
    FreePBX::create()->Massivesms->doConfigPageInit($display);
    ob_start();
    include "modules/$module/page.$display.php";
    $content = ob_get_clean();
}
?>
<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>PBX</title><link rel="icon" href="data:,">
<?php foreach (glob("modules/$module/assets/css/*.css") as $file) { ?>
<link href="assets/<?php echo $module ?>/css/<?php echo basename($file) ?>" rel="stylesheet">
<?php } ?></head>
<body><?php foreach ($items as $item) { ?>
<a href="config.php?display=<?php echo $item->getName() ?>"><?php echo $item ?></a>
<?php } ?>
<div><?php echo $content ?></div>
<?php foreach (glob("modules/$module/assets/js/*.js") as $file) { ?>
<script src="assets/<?php echo $module ?>/js/<?php echo basename($file) ?>"></script>
<?php } ?></body></html>
