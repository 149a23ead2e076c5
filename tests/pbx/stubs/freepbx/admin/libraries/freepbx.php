<?php
/* What FreePBX gives to a module: the objects that ours asks; tests only. The users
   and groups are in world.json, which the test writes. */
namespace {

interface BMO
{
    public function install();
    public function uninstall();
    public function doConfigPageInit($page);
}

class FreePBX_Helpers
{
    public function __construct($freepbx = null)
    {
    }
}

class FreePBX
{
    private static $only;

    public static function create()
    {
        self::$only = self::$only ?: new self();
        return self::$only;
    }

    public static function world()
    {
        return json_decode(file_get_contents(dirname(__DIR__) . '/world.json'), true);
    }

    public static function View()
    {
        return new FakeView();
    }

    public static function Userman()
    {
        return new FakeUserman();
    }

    /* Modules are made when they are asked for, each once. */
    public function __get($name)
    {
        require_once dirname(__DIR__) . '/modules/' . strtolower($name) . "/$name.class.php";
        $class = '\\FreePBX\\modules\\' . $name;
        return $this->$name = new $class($this);
    }

    public function __set($name, $value)
    {
    }
}

class FakeView
{
    public function getLocale()
    {
        $world = FreePBX::world();
        return $world['locale'];
    }
}

class FakeUserman
{
    public function getAllGroups($directory = null)
    {
        $world = FreePBX::world();
        return $world['groups'];
    }

    public function getUserByID($id, $extraInfo = true)
    {
        $world = FreePBX::world();
        foreach ($world['users'] as $name => $user) {
            if ($user['id'] == $id) {
                return array('username' => $name, 'default_extension' => $user['extension']);
            }
        }
        return null;
    }
}

class ampuser
{
    public $username;
    public $id;
    private $sections;
    private $mode;

    public function __construct($username, $mode = 'database')
    {
        $world = FreePBX::world();
        $user = $world['users'][$username];
        $this->username = $username;
        $this->id = $user['id'];
        $this->sections = $user['sections'];
        $this->mode = $user['id'] === null ? 'database' : 'usermanager';
    }

    public function checkSection($section)
    {
        return in_array('*', $this->sections) || in_array($section, $this->sections);
    }

    public function getSections()
    {
        return $this->sections;
    }

    public function getMode()
    {
        return $this->mode;
    }
}
}

namespace FreePBX\modules\Backup {

/* What Backup.php and Restore.php of a module stand on. */
class BackupBase
{
    public $data = array('dirs' => array(), 'files' => array(), 'garbage' => array());

    public function addDirectories($list)
    {
        $this->data['dirs'] = array_merge($this->data['dirs'], $list);
    }

    public function addGarbage($file)
    {
        $this->data['garbage'][] = $file;
    }

    /* A file without a type, its extension, is left out. */
    public function addSplFile(\SplFileInfo $file)
    {
        if ($file->getExtension() !== '') {
            $this->data['files'][] = array(
                'type' => $file->getExtension(),
                'filename' => $file->getBasename(),
                'pathto' => $file->getPath(),
                'base' => '',
            );
        }
    }
}

class RestoreBase
{
    private $files = array();

    public function __construct($data, $directory)
    {
        foreach ($data['files'] as $file) {
            $path = $directory . '/files' . $file['pathto'] . '/' . $file['filename'];
            $this->files[] = new \SplFileInfo($path);
        }
    }

    public function getFiles()
    {
        return $this->files;
    }

    protected function log($message, $level = 'INFO')
    {
        echo "[$level] $message\n";
    }
}
}
