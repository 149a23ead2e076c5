<?php
/*
 * FreePBX's door to massivesms: its menu entries show the pages in a frame. The
 * framework has checked the right to the entry before it includes a page.
 *
 * Nothing is kept here, so that installing and uninstalling have nothing to do:
 * "massivesms setup" makes the key, the database and Apache's file.
 *
 * Part of massivesms, GPL-2.0-or-later.
 */
namespace FreePBX\modules;

require_once __DIR__ . '/handover.php';

class Massivesms extends \FreePBX_Helpers implements \BMO
{
    public function install()
    {
    }

    public function uninstall()
    {
    }

    public function doConfigPageInit($page)
    {
    }

    /* The frame with one of the pages: send, campaigns, lists ... */
    public function showPage($target)
    {
        $settings = require __DIR__ . '/settings.php';
        return massivesms_frame(
            $this->who($_SESSION['AMP_user']),
            $target,
            $settings['key_file'],
            $settings['address']
        );
    }

    /* The signed-in user, as massivesms_frame() takes it. */
    private function who($user)
    {
        list($groups, $known) = $this->groups($user);
        return array(
            'source' => 'freepbx',
            'name' => $user->username,
            // The User Manager's id, or for the older users, who have none, the name.
            'id' => empty($user->id)
                ? 'name.' . substr(hash('sha256', $user->username), 0, 40)
                : 'user.' . $user->id,
            'extension' => $this->extension($user),
            'is_administrator' => in_array('*', (array) $user->getSections(), true),
            'groups' => $groups,
            'privileges' => array(),
            'known_groups' => $known,
            'language' => \FreePBX::View()->getLocale(),
        );
    }

    /* The user's groups and all groups: the User Manager's, when it signs in. */
    private function groups($user)
    {
        $mine = array();
        $known = array();
        if (!empty($user->id) && $user->getMode() === 'usermanager') {
            foreach (\FreePBX::Userman()->getAllGroups() as $group) {
                $known[] = $group['groupname'];
                if (in_array($user->id, (array) $group['users'])) {
                    $mine[] = $group['groupname'];
                }
            }
        }
        return array($mine, $known);
    }

    private function extension($user)
    {
        if (empty($user->id) || $user->getMode() !== 'usermanager') {
            return '';
        }
        $details = \FreePBX::Userman()->getUserByID($user->id);
        return isset($details['default_extension']) ? $details['default_extension'] : '';
    }
}
