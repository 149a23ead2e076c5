<?php
/*
 * The page of every entry of the menu: who is signed in to Issabel or Elastix, and
 * the frame. The entries' own folders only name this file; the framework has
 * checked the right to the entry before it calls _moduleContent().
 *
 * Part of massivesms, GPL-2.0-or-later.
 */
require_once dirname(__FILE__) . '/handover.php';

/* The framework's door: $module_name is the entry, e.g. massivesms_campaigns. */
function _moduleContent(&$smarty, $module_name)
{
    global $arrConfModule;
    require dirname(dirname(__FILE__)) . '/configs/default.conf.php';
    $theme = 'modules/massivesms/themes/default';
    return '<link rel="stylesheet" href="' . $theme . '/css/frame.css">'
        . massivesms_frame(
            massivesms_who(),
            (string) substr($module_name, strlen('massivesms_')),
            $arrConfModule['massivesms_key_file'],
            $arrConfModule['massivesms_address']
        )
        . '<script src="' . $theme . '/js/frame.js"></script>';
}

/* The signed-in user, as massivesms_frame() takes it. */
function massivesms_who()
{
    global $arrConf;
    $flavour = isset($_SESSION['issabel_user']) ? 'issabel' : 'elastix';
    $name = (string) $_SESSION[$flavour . '_user'];
    $database = new paloDB($arrConf[$flavour . '_dsn']['acl']);
    $acl = new paloACL($database);
    $id = $acl->getIdUser($name);
    $groups = $acl->getMembership($id); // name => id, or NULL
    $groups = array_map('strval', is_array($groups) ? $groups : array());
    $administrators = '1'; // the id of their group, whatever it is called
    $privileges = array();
    $has_privileges = method_exists($acl, 'hasModulePrivilege'); // not the oldest Elastix
    foreach (array('supervisor', 'operator') as $privilege) {
        if ($has_privileges
            && $acl->hasModulePrivilege($name, 'massivesms_campaigns', $privilege)) {
            $privileges[] = $privilege;
        }
    }
    $known = array();
    $rows = $acl->getGroups(); // of (id, name, description), or FALSE
    foreach (is_array($rows) ? $rows : array() as $row) {
        if ((string) $row[0] !== $administrators) {
            $known[] = $row[1];
        }
    }
    return array(
        'source' => 'issabel',
        'name' => $name,
        'id' => $id,
        'extension' => $acl->getUserExtension($name),
        'is_administrator' => in_array($administrators, $groups, true),
        'groups' => array_keys(array_diff($groups, array($administrators))),
        'privileges' => $privileges,
        'known_groups' => $known,
        'language' => get_language(),
    );
}
