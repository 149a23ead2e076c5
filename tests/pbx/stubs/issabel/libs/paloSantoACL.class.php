<?php
/* Who may do what in Issabel: what the originals of these methods answer; tests only. */
class paloACL
{
    public $errMsg = '';
    private $db;

    public function __construct(&$db)
    {
        $this->db = $db;
    }

    public function getIdUser($name)
    {
        return $this->first('SELECT id FROM acl_user WHERE name = ?', array($name), false);
    }

    public function getUserExtension($name)
    {
        return $this->first('SELECT extension FROM acl_user WHERE name = ?', array($name), null);
    }

    /* array(array(id, name, description), ...) */
    public function getGroups($id = null)
    {
        return $this->db->fetchTable('SELECT id, name, description FROM acl_group');
    }

    /* array(name => id, ...), or NULL when the user is in no group */
    public function getMembership($id)
    {
        $rows = $this->db->fetchTable(
            'SELECT g.name, g.id FROM acl_group g JOIN acl_membership m ON m.id_group = g.id'
            . ' WHERE m.id_user = ?',
            false,
            array($id)
        );
        return $rows ? array_column($rows, 1, 0) : null;
    }

    public function authenticateUser($name, $hash)
    {
        $sql = 'SELECT 1 FROM acl_user WHERE name = ? AND md5_password = ?';
        return (bool) $this->first($sql, array($name, $hash), false);
    }

    public function isUserAuthorizedById($id, $action, $resource)
    {
        $sql = 'SELECT 1 FROM acl_group_permission p JOIN acl_membership m USING (id_group)'
            . ' JOIN acl_resource r ON r.id = p.id_resource'
            . ' JOIN acl_action a ON a.id = p.id_action'
            . ' WHERE m.id_user = ? AND a.name = ? AND r.name = ?';
        return (bool) $this->first($sql, array($id, $action, $resource), false);
    }

    public function isUserAdministratorGroup($name)
    {
        return array_search('1', $this->getMembership($this->getIdUser($name)));
    }

    /* Without privileges of its own, a module has those of the administrator. */
    public function hasModulePrivilege($user, $module, $privilege)
    {
        $of_module = 'FROM acl_module_privileges p JOIN acl_resource r ON r.id = p.id_resource'
            . ' WHERE r.name = ?';
        if (!$this->first('SELECT 1 ' . $of_module, array($module), false)) {
            return $this->isUserAdministratorGroup($user);
        }
        $mine = 'p.id IN (SELECT g.id_module_privilege FROM acl_module_group_permissions g'
            . ' JOIN acl_membership m USING (id_group) WHERE m.id_user = u.id)'
            . ' OR p.id IN (SELECT o.id_module_privilege FROM acl_module_user_permissions o'
            . ' WHERE o.id_user = u.id)';
        $sql = 'SELECT 1 FROM acl_user u, acl_module_privileges p'
            . ' JOIN acl_resource r ON r.id = p.id_resource'
            . ' WHERE u.name = ? AND r.name = ? AND p.privilege = ? AND (' . $mine . ')';
        return (bool) $this->first($sql, array($user, $module, $privilege), false);
    }

    private function first($sql, $values, $otherwise)
    {
        $row = $this->db->getFirstRowQuery($sql, false, $values);
        return $row ? $row[0] : $otherwise;
    }
}
