<?php
/* Issabel's access to a database, as far as modules read by it; tests only. */
class paloDB
{
    public $errMsg = '';
    public $connStatus = false; // true means failed, as in the original
    private $pdo;

    public function __construct($dsn)
    {
        try {
            $this->pdo = new PDO('sqlite:' . preg_replace('|^sqlite3:///|', '', $dsn));
            $this->pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        } catch (PDOException $error) {
            $this->connStatus = true;
            $this->errMsg = $error->getMessage();
        }
    }

    public function fetchTable($sql, $by_name = false, $values = array())
    {
        try {
            $found = $this->pdo->prepare($sql);
            $found->execute($values);
            return $found->fetchAll($by_name ? PDO::FETCH_ASSOC : PDO::FETCH_NUM);
        } catch (PDOException $error) {
            $this->errMsg = $error->getMessage();
            return false;
        }
    }

    public function getFirstRowQuery($sql, $by_name = false, $values = array())
    {
        $rows = $this->fetchTable($sql, $by_name, $values);
        return is_array($rows) && $rows ? $rows[0] : $rows;
    }
}
