<?php
/* The few functions of Issabel that modules use; tests only. */
function getParameter($name)
{
    return isset($_POST[$name]) ? $_POST[$name] : (isset($_GET[$name]) ? $_GET[$name] : null);
}

function get_language($ruta_base = '')
{
    global $arrConf;
    return $arrConf['language'];
}

function _tr($text)
{
    global $arrLang;
    return isset($arrLang[$text]) ? $arrLang[$text] : $text;
}
